import SheafCore

// How rows become values: the columns of each type are next to the initialiser that reads them.

extension Event {
    /// The columns of `events e JOIN sources s`.
    static let columns: StaticString = """
        e.id, s.name, e.producer_id, e.type, e.recipient, e.key_part, e.occurred_at, e.received_at, e.payload, e.trace
        """
    static let columnCount: Int32 = 10

    init(_ row: PostgresRow) throws {
        self.init(
            id: try row.identifier(0), source: try row.text(1), producerID: try row.optionalText(2),
            type: Int(try row.integer(3)), recipient: try row.integer(4), keyPart: try row.optionalText(5),
            occurredAt: try row.timestamp(6), receivedAt: try row.timestamp(7), payload: try row.text(8),
            traceParent: try row.optionalText(9))
    }
}

extension StoredEvent {
    /// The columns of `events e JOIN sources s LEFT JOIN ended_windows x`: those of the event, then its own outcome and
    /// its window's.
    static let columns: StaticString = """
        e.id, s.name, e.producer_id, e.type, e.recipient, e.key_part, e.occurred_at, e.received_at, e.payload, e.trace,
        e."window", e.status, e.reason, e.finished_at, x.notification, x.reason, x.ended_at
        """
    static let columnCount: Int32 = 17
    static let tables: StaticString = """
        events e JOIN sources s ON s.id = e.source
            LEFT JOIN LATERAL (SELECT * FROM ended_windows WHERE id = e."window" OFFSET 0) x ON true
        """

    init(_ row: PostgresRow) throws {
        var outcome: (EventStatus, String?, Timestamp)?
        if let number = try row.optionalInteger(11) {
            guard let status = EventStatus(rawValue: Int(number)) else { throw unknownValue }
            outcome = (status, try row.optionalText(12), try row.timestamp(13))
        }
        self.init(
            try Event(row), window: try row.optionalInteger(10), outcome: outcome,
            ended: try row.optionalTimestamp(16).map {
                (try row.optionalIdentifier(14), try row.optionalText(15), $0)
            })
    }
}

extension EndedWindow {
    static let columns: StaticString = """
        id, type, recipient, key_part, opened_at, closes_at, alone, events, ended_at, notification, reason
        """

    init(_ row: PostgresRow) throws {
        let key = WindowKey(
            type: Int(try row.integer(1)), recipient: try row.integer(2), part: try row.optionalText(3))
        self.init(
            id: try row.integer(0),
            window: ClosedWindow(key: key, openedAt: try row.timestamp(4), closesAt: try row.timestamp(5)),
            isAlone: try row.boolean(6), events: Int(try row.integer(7)), endedAt: try row.timestamp(8),
            notification: try row.optionalIdentifier(9), reason: try row.optionalText(10))
    }
}

extension UserNotification {
    static let columns: StaticString = """
        id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at, trace,
        status, delivered_at, read_at, attempts, url, locale, category, importance
        """
    static let columnCount: Int32 = 18

    init(_ row: PostgresRow) throws {
        guard let status = Status(rawValue: Int(try row.integer(10))) else { throw unknownValue }
        self.init(
            id: try row.identifier(0), recipient: try row.integer(1), type: Int(try row.integer(2)),
            content: NotificationContent(
                listTitle: try row.text(3), listDescription: try row.text(4), fullTitle: try row.text(5),
                fullText: try row.text(6), url: try row.optionalText(14), locale: try row.optionalText(15),
                storedCategory: try row.optionalText(16), storedImportance: try row.optionalText(17)),
            eventCount: Int(try row.integer(7)), createdAt: try row.timestamp(8),
            traceParent: try row.optionalText(9), status: status, deliveredAt: try row.optionalTimestamp(11),
            readAt: try row.optionalTimestamp(12), attempts: Int(try row.integer(13)))
    }
}

extension DeliveryAttempt {
    static let columns: StaticString = "number, at, outcome, http_status, error"

    init(_ row: PostgresRow) throws {
        guard let outcome = Outcome(rawValue: try row.text(2)) else { throw unknownValue }
        self.init(
            number: Int(try row.integer(0)), at: try row.timestamp(1), outcome: outcome,
            httpStatus: try row.optionalInteger(3).map { Int($0) }, error: try row.optionalText(4))
    }
}

extension DeadLetter {
    static let columns: StaticString = "id, topic, reason, error, message, body_topic, body, recipient, failed_at"

    init(_ row: PostgresRow) throws {
        let topic = try row.optionalText(5).flatMap(Topic.init(rawValue:))
        self.init(
            id: try row.identifier(0), topic: try row.text(1), reason: try row.text(2), error: try row.text(3),
            message: try row.text(4), body: try topic.map { try row.body(6, of: $0) },
            recipient: try row.optionalInteger(7), failedAt: try row.timestamp(8))
    }
}

extension HistoryNote {
    init(of subject: MessageBody, _ row: PostgresRow) throws {
        guard let step = Step(rawValue: try row.text(2)) else { throw unknownValue }
        self.init(
            subject: subject, at: try row.timestamp(1), step: step, reason: try row.optionalText(3),
            notification: try row.optionalIdentifier(4))
    }
}

private var unknownValue: SheafError {
    SheafError(.storage, field: "store.url", "the database holds a value that this version does not know")
}
