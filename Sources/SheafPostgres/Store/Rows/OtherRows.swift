import SheafCore

// Rows that one statement writes and one or two read: the columns are next to the initialiser.

extension DeliveryAttempt {
    static let columns: StaticString = "number, at, outcome, http_status, error"

    init(_ row: PostgresRow) throws {
        guard let outcome = Outcome(rawValue: try row.text(2)) else { throw PostgresRow.unknownValue }
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
        guard let step = Step(rawValue: try row.text(2)) else { throw PostgresRow.unknownValue }
        self.init(
            subject: subject, at: try row.timestamp(1), step: step, reason: try row.optionalText(3),
            notification: try row.optionalIdentifier(4))
    }
}

extension PostgresRow {
    static var unknownValue: SheafError {
        SheafError(.storage, field: "store.url", "the database holds a value that this version does not know")
    }
}
