import GRDB
import SheafCore

// How rows become values: each type's columns and the initialiser that reads them stand together.

extension Event {
    static let columns = """
        id, source, producer_id, type, recipient, key_part, occurred_at, received_at, payload, trace
        """

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let id = columns.identifier(0, of: Event.self) else { return nil }
        self.init(
            id: id, source: try sources.name(of: columns.integer(1), in: database),
            producerID: columns.optionalText(2), type: Int(columns.integer(3)), recipient: columns.integer(4),
            keyPart: columns.optionalText(5), occurredAt: columns.timestamp(6), receivedAt: columns.timestamp(7),
            payload: columns.text(8), traceParent: columns.optionalText(9))
    }
}

extension StoredEvent {
    static let columns = "\(Event.columns), status, reason, binding, finished_at"

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let event = try Event(columns: columns, sources: sources, database: database),
            let status = EventStatus(rawValue: Int(columns.integer(10)))
        else { return nil }
        self.init(
            event: event, status: status, reason: columns.optionalText(11), binding: columns.identifier(12),
            finishedAt: columns.optionalTimestamp(13))
    }
}

extension UserNotification {
    static let columns = """
        id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at, trace,
        status, delivered_at, read_at, attempts
        """

    init?(columns: Columns) {
        guard let id = columns.identifier(0, of: UserNotification.self),
            let status = Status(rawValue: Int(columns.integer(10)))
        else { return nil }
        self.init(
            id: id, recipient: columns.integer(1), type: Int(columns.integer(2)),
            content: NotificationContent(
                listTitle: columns.text(3), listDescription: columns.text(4), fullTitle: columns.text(5),
                fullText: columns.text(6)),
            eventCount: Int(columns.integer(7)), createdAt: columns.timestamp(8),
            traceParent: columns.optionalText(9), status: status, deliveredAt: columns.optionalTimestamp(11),
            readAt: columns.optionalTimestamp(12), attempts: Int(columns.integer(13)))
    }
}

extension StoredBinding {
    init?(columns: Columns) {
        guard let id = columns.identifier(0, of: UserNotification.self) else { return nil }
        var window: ClosedWindow?
        if let key = columns.optionalText(2).flatMap({ WindowKey($0) }) {
            window = ClosedWindow(key: key, openedAt: columns.timestamp(3), closesAt: columns.timestamp(4))
        }
        self.init(id: id, events: columns.identifiers(1), window: window, boundAt: columns.timestamp(5))
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
