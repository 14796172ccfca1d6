/// A message that cannot be processed, kept until it is redriven or pruned.
public struct DeadLetter: Hashable, Sendable {
    public let id: DeadLetterID
    /// The queue's or the databus' topic.
    public let topic: String
    /// A stable word: `bad_payload`, `attempts_used_up`, `refused`.
    public let reason: String
    /// What went wrong in words, without payload or secret.
    public let error: String
    /// The message as it was, in JSON where it was JSON.
    public let message: String
    /// What to publish again when it is redriven; `nil` if only its producer can send it again.
    public let body: MessageBody?
    public let recipient: RecipientID?
    public let failedAt: Timestamp

    public init(
        id: DeadLetterID, topic: String, reason: String, error: String, message: String, body: MessageBody?,
        recipient: RecipientID?, failedAt: Timestamp
    ) {
        self.id = id
        self.topic = topic
        self.reason = reason
        self.error = error
        self.message = message
        self.body = body
        self.recipient = recipient
        self.failedAt = failedAt
    }
}

public typealias DeadLetterID = Identifier<DeadLetter>
