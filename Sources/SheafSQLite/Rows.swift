import GRDB
import SheafCore

// How rows become values: the columns of each type are next to the initialiser that reads them.

extension Event {
    static let columns = """
        id, source, type, recipient, received_at, occurred_after, payload, producer_id, key_part, trace
        """
    static let columnCount: Int32 = 10

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let id = columns.identifier(0, of: Event.self) else { return nil }
        let receivedAt = columns.timestamp(4)
        self.init(
            id: id, source: try sources.name(of: columns.integer(1), in: database),
            producerID: columns.producerID(7), type: Int(columns.integer(2)), recipient: columns.integer(3),
            keyPart: columns.optionalText(8), occurredAt: receivedAt + .microseconds(columns.integer(5)),
            receivedAt: receivedAt, payload: columns.text(6), traceParent: columns.optionalText(9))
    }
}

extension StoredEvent {
    /// The columns of ``source``: events with their ended windows.
    static let columns = """
        e.id, e.source, e.type, e.recipient, e.received_at, e.occurred_after, e.payload, e.producer_id, e.key_part, e.trace,
        e."window", e.status, e.reason, e.finished_at, w.ended_at, w.notification, w.reason
        """
    static let columnCount: Int32 = 17
    static let source = "events e LEFT JOIN ended_windows w ON w.id = e.\"window\""

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let event = try Event(columns: columns, sources: sources, database: database) else { return nil }
        let own = columns.isNull(11) ? nil : EventStatus(rawValue: Int(columns.integer(11)))
        self.init(
            event, window: columns.isNull(10) ? nil : columns.integer(10),
            outcome: own.map { ($0, columns.optionalText(12), columns.timestamp(13)) },
            ended: columns.isNull(14) ? nil : (columns.identifier(15), columns.optionalText(16), columns.timestamp(14)))
    }
}

extension UserNotification {
    static let columns = """
        id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at, trace,
        status, delivered_at, read_at, attempts, url, locale, category, importance
        """
    static let columnCount: Int32 = 18

    init?(columns: Columns) {
        guard let id = columns.identifier(0, of: UserNotification.self),
            let status = Status(rawValue: Int(columns.integer(10)))
        else { return nil }
        self.init(
            id: id, recipient: columns.integer(1), type: Int(columns.integer(2)),
            content: NotificationContent(
                listTitle: columns.text(3), listDescription: columns.text(4), fullTitle: columns.text(5),
                fullText: columns.text(6), url: columns.optionalText(14), locale: columns.optionalText(15),
                storedCategory: columns.optionalText(16), storedImportance: columns.optionalText(17)),
            eventCount: Int(columns.integer(7)), createdAt: columns.timestamp(8),
            traceParent: columns.optionalText(9), status: status, deliveredAt: columns.optionalTimestamp(11),
            readAt: columns.optionalTimestamp(12), attempts: Int(columns.integer(13)))
    }
}

extension EndedWindow {
    static let columns =
        "id, recipient, type, key_part, alone, opened_at, closes_at, ended_at, events, notification, reason"

    init?(columns: Columns) {
        self.init(
            id: columns.integer(0),
            window: ClosedWindow(
                key: WindowKey(columns: columns, from: 1), openedAt: columns.timestamp(5),
                closesAt: columns.timestamp(6)),
            isAlone: columns.integer(4) == 1, events: Int(columns.integer(8)), endedAt: columns.timestamp(7),
            notification: columns.identifier(9), reason: columns.optionalText(10))
    }
}

extension DeliveryAttempt {
    init?(columns: Columns) {
        guard let outcome = Outcome(rawValue: columns.text(2)) else { return nil }
        self.init(
            number: Int(columns.integer(0)), at: columns.timestamp(1), outcome: outcome,
            httpStatus: columns.isNull(3) ? nil : Int(columns.integer(3)), error: columns.optionalText(4))
    }
}

extension DeadLetter {
    static let columns = "id, topic, reason, error, message, body_topic, body, recipient, failed_at"

    init?(columns: Columns) {
        guard let id = columns.identifier(0, of: DeadLetter.self) else { return nil }
        let body = columns.optionalText(5).flatMap(Topic.init(rawValue:)).flatMap {
            columns.body(6, of: $0)
        }
        self.init(
            id: id, topic: columns.text(1), reason: columns.text(2), error: columns.text(3), message: columns.text(4),
            body: body, recipient: columns.isNull(7) ? nil : columns.integer(7), failedAt: columns.timestamp(8))
    }
}

extension HistoryNote {
    init?(of subject: MessageBody, columns: Columns) {
        guard let step = Step(rawValue: columns.text(1)) else { return nil }
        self.init(
            subject: subject, at: columns.timestamp(0), step: step, reason: columns.optionalText(2),
            notification: columns.identifier(3))
    }
}
