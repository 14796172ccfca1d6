/// An event of a recipient, with its window and the status of its notification.
public struct RecipientEvent: Hashable, Sendable {
    public let stored: StoredEvent
    /// The key of its window; `nil` if it has none yet, or is alone in it.
    public let window: WindowKey?
    /// When its window closes; `nil` if the window has ended, or holds this event alone.
    public let closesAt: Timestamp?
    /// The status of its notification; `nil` if there is none.
    public let delivery: UserNotification.Status?

    public init(
        _ stored: StoredEvent, window: WindowKey? = nil, closesAt: Timestamp? = nil,
        delivery: UserNotification.Status? = nil
    ) {
        self.stored = stored
        self.window = window
        self.closesAt = closesAt
        self.delivery = delivery
    }
}

/// A page of a recipient's events.
public struct RecipientEventPage: Hashable, Sendable {
    public let items: [RecipientEvent]
    /// The cursor of the next page, which need not be an event; `nil` on the last.
    public let next: EventID?

    public init(items: [RecipientEvent], next: EventID?) {
        self.items = items
        self.next = next
    }
}
