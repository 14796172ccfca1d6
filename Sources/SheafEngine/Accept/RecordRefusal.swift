public import SheafCore

/// A record that cannot be used, and why.
public struct RecordRefusal: Sendable {
    let record: SourceRecord
    let index: Int?
    let reason: String
    let error: String
    let recipient: RecipientID?

    /// - Parameters:
    ///   - index: the place of what is refused, if the record is a batch; its value is then the record's.
    ///   - reason: a word of few values.
    ///   - error: what is wrong with the record, in words and without its content.
    ///   - recipient: whom it is about, as far as can be told.
    public init(
        _ record: SourceRecord, index: Int? = nil, reason: String, error: String, recipient: RecipientID?
    ) {
        self.record = record
        self.index = index
        self.reason = reason
        self.error = error
        self.recipient = recipient
    }
}

extension EventStore {
    /// Puts records that cannot be used among the dead letters, and counts them.
    public func refuse(_ refusals: [RecordRefusal]) async throws {
        guard !refusals.isEmpty else { return }
        try await transaction("refuse") { transaction in
            try transaction.insert(
                refusals.map { refusal in
                    refusal.record.deadLetter(
                        index: refusal.index, reason: refusal.reason, refusal.error, recipient: refusal.recipient,
                        at: transaction.now)
                })
        }
        for refusal in refusals { DeadLetterMetrics.count(1, topic: refusal.record.topic, reason: refusal.reason) }
    }
}
