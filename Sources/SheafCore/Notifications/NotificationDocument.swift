/// A notification in the JSON form of the API and the gateway.
public struct NotificationDocument: Encodable, Sendable {
    private let notification: UserNotification
    private let type: String
    private let showsState: Bool

    /// - Parameters:
    ///   - type: the event type's name.
    ///   - showsState: whether to include status, delivery and read times; requests to the gateway leave them out.
    public init(_ notification: UserNotification, type: String, showsState: Bool) {
        self.notification = notification
        self.type = type
        self.showsState = showsState
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, status, url, locale, category, importance
        case recipient = "recipient_id"
        case listTitle = "list_title"
        case listDescription = "list_description"
        case fullTitle = "full_title"
        case fullText = "full_text"
        case eventCount = "event_count"
        case createdAt = "created_at"
        case deliveredAt = "delivered_at"
        case readAt = "read_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(notification.id, forKey: .id)
        try container.encode(notification.recipient, forKey: .recipient)
        try container.encode(type, forKey: .type)
        try container.encode(notification.content.listTitle, forKey: .listTitle)
        try container.encode(notification.content.listDescription, forKey: .listDescription)
        try container.encode(notification.content.fullTitle, forKey: .fullTitle)
        try container.encode(notification.content.fullText, forKey: .fullText)
        try container.encode(notification.eventCount, forKey: .eventCount)
        try container.encode(notification.createdAt, forKey: .createdAt)
        try container.encodeIfPresent(notification.content.url, forKey: .url)
        try container.encodeIfPresent(notification.content.locale, forKey: .locale)
        try container.encode(notification.content.category, forKey: .category)
        try container.encode(notification.content.importance, forKey: .importance)
        guard showsState else { return }
        try container.encode(notification.status.name, forKey: .status)
        try container.encode(notification.deliveredAt, forKey: .deliveredAt)
        try container.encode(notification.readAt, forKey: .readAt)
    }
}
