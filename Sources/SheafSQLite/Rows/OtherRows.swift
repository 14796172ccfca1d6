import SheafCore

// Rows that one statement writes and one or two read: the columns are next to the initialiser.

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
