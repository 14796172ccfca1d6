/// The end of some events together: in one notification, or suppressed.
public struct Binding: Hashable, Sendable {
    /// Also the notification's identifier where there is one.
    public let id: NotificationID
    public let type: EventTypeCode
    public let recipient: RecipientID
    /// All of them, in the order they were accepted.
    public let events: [EventID]
    /// The window they waited in; `nil` for an immediate event.
    public let window: ClosedWindow?
    public let composition: Composition
    /// The trace it was made in, as ``TraceContext`` writes it.
    public let traceParent: String?

    public init(
        id: NotificationID, type: EventTypeCode, recipient: RecipientID, events: [EventID], window: ClosedWindow?,
        composition: Composition, traceParent: String? = nil
    ) {
        self.id = id
        self.type = type
        self.recipient = recipient
        self.events = events
        self.window = window
        self.composition = composition
        self.traceParent = traceParent
    }
}

/// What is remembered of a window after it closed.
public struct ClosedWindow: Hashable, Sendable {
    public let key: WindowKey
    public let openedAt: Timestamp
    public let closesAt: Timestamp

    public init(key: WindowKey, openedAt: Timestamp, closesAt: Timestamp) {
        self.key = key
        self.openedAt = openedAt
        self.closesAt = closesAt
    }
}

/// A binding as it is stored.
public struct StoredBinding: Hashable, Sendable {
    public let id: NotificationID
    public let events: [EventID]
    public let window: ClosedWindow?
    public let boundAt: Timestamp

    public init(id: NotificationID, events: [EventID], window: ClosedWindow?, boundAt: Timestamp) {
        self.id = id
        self.events = events
        self.window = window
        self.boundAt = boundAt
    }
}
