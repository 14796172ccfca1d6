public import SheafCore

/// A page of open windows.
public struct WindowPageDocument: Encodable, Sendable {
    public let items: [WindowDocument]
    /// All open windows.
    public let total: Int
    /// The cursor of the next page; `nil` on the last.
    public let next: String?

    private enum CodingKeys: CodingKey { case items, total, next }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(total, forKey: .total)
        try container.encode(next, forKey: .next)
    }
}

/// An open window.
public struct WindowDocument: Encodable, Sendable {
    public let window: LiveWindow
    /// The key as clients write it.
    public let key: String
    /// The event type's name.
    public let type: String

    private enum CodingKeys: String, CodingKey {
        case key, type, events
        case recipient = "recipient_id"
        case openedAt = "opened_at"
        case closesAt = "closes_at"
        case waitsFor = "waits_for"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(type, forKey: .type)
        try container.encode(window.key.recipient, forKey: .recipient)
        try container.encode(window.events, forKey: .events)
        try container.encode(window.openedAt, forKey: .openedAt)
        try container.encode(window.closesAt, forKey: .closesAt)
        try container.encodeIfPresent(window.waitsFor?.rawValue, forKey: .waitsFor)
    }
}
