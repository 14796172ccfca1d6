/// An event of a recipient, and what is told to the recipient of it.
public struct RecipientEvent: Hashable, Sendable {
    public let stored: StoredEvent
    /// The window in which it was bound; `nil` where it is not bound, or was bound by itself.
    public let window: WindowKey?
    /// What became of its notification; `nil` where there is none.
    public let delivery: UserNotification.Status?

    public init(_ stored: StoredEvent, window: WindowKey? = nil, delivery: UserNotification.Status? = nil) {
        self.stored = stored
        self.window = window
        self.delivery = delivery
    }
}

/// A page of a recipient's events.
public struct RecipientEventPage: Hashable, Sendable {
    public let items: [RecipientEvent]
    /// The cursor of the next page; `nil` on the last.
    public let next: EventID?

    public init(items: [RecipientEvent], next: EventID?) {
        self.items = items
        self.next = next
    }
}
