public import SheafCore

/// A dead letter as the API shows it.
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
