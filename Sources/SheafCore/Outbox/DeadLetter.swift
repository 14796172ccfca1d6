/// A message that cannot be processed, kept until it is redriven or pruned.
public struct DeadLetter: Hashable, Sendable {
    public let id: DeadLetterID
    /// The topic of the queue or the databus.
    public let topic: String
    /// A stable word: `bad_payload`, `attempts_used_up`, `refused`.
    public let reason: String
    /// What went wrong, without payload or secret.
    public let error: String
    /// The original message, as JSON if it was JSON.
    public let message: String
    /// The message to publish on a redrive; `nil` if only the producer can send it again.
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
