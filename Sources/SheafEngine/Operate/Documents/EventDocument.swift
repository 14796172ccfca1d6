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
        case data, history
    }

    public func encode(to encoder: any Encoder) throws {
        try event.encodeMembers(to: encoder, type: type, window: window)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(RawJSON(text: event.event.payload), forKey: .data)
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
