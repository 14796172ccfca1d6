public import SheafCore

/// An unusable record, and the reason.
public struct RecordRefusal: Sendable {
    let record: SourceRecord
    let index: Int?
    let reason: String
    let error: String
    let recipient: RecipientID?

    /// - Parameters:
    ///   - index: the refused event's index, if the record is a batch.
    ///   - reason: one word out of a small set.
    ///   - error: what is wrong with the record, never holds its content.
    ///   - recipient: whom the record is about, if known.
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
    /// Dead-letters unusable records and counts them.
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
