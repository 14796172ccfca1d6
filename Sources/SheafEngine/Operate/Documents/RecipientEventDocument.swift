public import SheafCore

/// An event in short: its outcome, without its payload and its history.
public struct RecipientEventDocument: Encodable, Sendable {
    public let event: StoredEvent
    /// The event type's name.
    public let type: String
    /// The key of the window it waits or waited in; `nil` if it never waited.
    public let window: String?
    /// When the window it waits in closes; `nil` if it waits in none.
    public let closesAt: Timestamp?
    /// The status of its notification's delivery; `nil` if there is no notification.
    public let delivery: UserNotification.Status?

    private enum CodingKeys: String, CodingKey {
        case closesAt = "closes_at"
        case delivery = "notification_status"
    }

    public func encode(to encoder: any Encoder) throws {
        try event.encodeMembers(to: encoder, type: type, window: window)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(closesAt, forKey: .closesAt)
        try container.encode(delivery?.name, forKey: .delivery)
    }
}
