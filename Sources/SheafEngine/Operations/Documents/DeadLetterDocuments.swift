public import SheafCore

/// A page of dead letters.
public struct DeadLetterPageDocument: Encodable, Sendable {
    public let items: [DeadLetterDocument]
    /// The cursor of the next page; `nil` on the last.
    public let next: String?

    private enum CodingKeys: CodingKey { case items, next }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next, forKey: .next)
    }
}

/// A message that was given up.
public struct DeadLetterDocument: Encodable, Sendable {
    public let letter: DeadLetter

    private enum CodingKeys: String, CodingKey {
        case id, topic, reason, error, message
        case recipient = "recipient_id"
        case failedAt = "failed_at"
        case canRedrive = "can_redrive"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(letter.id, forKey: .id)
        try container.encode(letter.topic, forKey: .topic)
        try container.encode(letter.reason, forKey: .reason)
        try container.encode(letter.error, forKey: .error)
        try container.encode(letter.message, forKey: .message)
        try container.encode(letter.recipient, forKey: .recipient)
        try container.encode(letter.failedAt, forKey: .failedAt)
        try container.encode(letter.body != nil, forKey: .canRedrive)
    }
}
