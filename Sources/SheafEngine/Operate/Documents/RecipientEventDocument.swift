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
        case id, type, source, status, reason, window
        case recipient = "recipient_id"
        case occurredAt = "occurred_at"
        case receivedAt = "received_at"
        case closesAt = "closes_at"
        case notification = "notification_id"
        case delivery = "notification_status"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(event.event.publicID, forKey: .id)
        try container.encode(type, forKey: .type)
        try container.encode(event.event.recipient, forKey: .recipient)
        try container.encode(event.event.source, forKey: .source)
        try container.encode(event.event.occurredAt, forKey: .occurredAt)
        try container.encode(event.event.receivedAt, forKey: .receivedAt)
        try container.encode(event.status.name, forKey: .status)
        try container.encode(event.reason, forKey: .reason)
        try container.encode(window, forKey: .window)
        try container.encode(closesAt, forKey: .closesAt)
        try container.encode(event.notificationID, forKey: .notification)
        try container.encode(delivery?.name, forKey: .delivery)
    }
}
