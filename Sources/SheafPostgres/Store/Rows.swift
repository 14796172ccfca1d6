import SheafCore

// How rows become values: each type's columns and the initialiser that reads them stand together.

extension Event {
    /// Of `events e JOIN sources s`.
    static let columns: StaticString = """
        e.id, s.name, e.producer_id, e.type, e.recipient, e.key_part, e.occurred_at, e.received_at, e.payload, e.trace
        """

    init(_ row: PostgresRow) throws {
        self.init(
            id: try row.identifier(0), source: try row.text(1), producerID: try row.optionalText(2),
            type: Int(try row.integer(3)), recipient: try row.integer(4), keyPart: try row.optionalText(5),
            occurredAt: try row.timestamp(6), receivedAt: try row.timestamp(7), payload: try row.text(8),
            traceParent: try row.optionalText(9))
    }
}

extension StoredEvent {
    /// After those of the event.
    static let moreColumns: StaticString = "e.status, e.reason, e.binding, e.finished_at"

    init(_ row: PostgresRow) throws {
        guard let status = EventStatus(rawValue: Int(try row.integer(10))) else { throw unknownValue }
        self.init(
            event: try Event(row), status: status, reason: try row.optionalText(11),
            binding: try row.optionalIdentifier(12), finishedAt: try row.optionalTimestamp(13))
    }
}

extension UserNotification {
    static let columns: StaticString = """
        id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at, trace,
        status, delivered_at, read_at, attempts
        """

    init(_ row: PostgresRow) throws {
        guard let status = Status(rawValue: Int(try row.integer(10))) else { throw unknownValue }
        self.init(
            id: try row.identifier(0), recipient: try row.integer(1), type: Int(try row.integer(2)),
            content: NotificationContent(
                listTitle: try row.text(3), listDescription: try row.text(4), fullTitle: try row.text(5),
                fullText: try row.text(6)),
            eventCount: Int(try row.integer(7)), createdAt: try row.timestamp(8),
            traceParent: try row.optionalText(9), status: status, deliveredAt: try row.optionalTimestamp(11),
            readAt: try row.optionalTimestamp(12), attempts: Int(try row.integer(13)))
    }
}

extension StoredBinding {
    static let columns: StaticString = "id, events, window_key, opened_at, closes_at, bound_at"

    init(_ row: PostgresRow) throws {
        var window: ClosedWindow?
        if let key = try row.optionalText(2).flatMap({ WindowKey($0) }) {
            window = ClosedWindow(key: key, openedAt: try row.timestamp(3), closesAt: try row.timestamp(4))
        }
        self.init(
            id: try row.identifier(0), events: try row.identifiers(1), window: window, boundAt: try row.timestamp(5))
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
