public import SheafCore

/// An event as the API and the command line show it.
public struct EventDocument: Encodable, Sendable {
    public let event: StoredEvent
    /// The event type's name.
    public let type: String
    /// The key of the window it waits or waited in; `nil` if it never waited.
    public let window: String?
    /// What happened to it, oldest first.
    public let history: [HistoryStep]

    private enum CodingKeys: String, CodingKey {
        case id, type, source, data, status, reason, window, history
        case recipient = "recipient_id"
        case occurredAt = "occurred_at"
        case receivedAt = "received_at"
        case notification = "notification_id"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(event.event.publicID, forKey: .id)
        try container.encode(type, forKey: .type)
        try container.encode(event.event.recipient, forKey: .recipient)
        try container.encode(event.event.source, forKey: .source)
        try container.encode(event.event.occurredAt, forKey: .occurredAt)
        try container.encode(event.event.receivedAt, forKey: .receivedAt)
        try container.encode(RawJSON(text: event.event.payload), forKey: .data)
        try container.encode(event.status.name, forKey: .status)
        try container.encode(event.reason, forKey: .reason)
        try container.encode(window, forKey: .window)
        try container.encode(event.notificationID, forKey: .notification)
        try container.encode(history, forKey: .history)
    }
}

/// One thing that happened to an event.
public struct HistoryStep: Encodable, Hashable, Sendable {
    /// Documents show the raw value.
    public enum Kind: String, Encodable, Hashable, Sendable {
        case received
        case windowOpened = "window_opened"
        case waiting
        case windowClosed = "window_closed"
        case bound
        case suppressed
        case attempt = "delivery_attempt"
        case delivered
        case failed
        case read
        case dead
        case redriven
        case swept
        case replayed
    }

    public let at: Timestamp
    public let step: Kind
    /// The step in plain English.
    public let detail: String

    public init(at: Timestamp, step: Kind, detail: String) {
        self.at = at
        self.step = step
        self.detail = detail
    }
}
