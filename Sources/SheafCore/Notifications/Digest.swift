/// The end of a window: one notification, or a reason for none.
public struct Digest: Hashable, Sendable {
    /// Where the window's events are.
    public enum Source: Hashable, Sendable {
        /// In a claimed window of the store; it ends by compare-and-set.
        case claim(WindowID, token: Int64, revision: Int64)
        /// In a window outside the store: each event is assigned by compare-and-set to a window that ends here.
        case relayed
    }

    /// Also the id of the notification, if there is one.
    public let id: NotificationID
    public let source: Source
    public let window: WindowSpan
    /// Whether it is the window of a single immediate or leading event.
    public let isAlone: Bool
    /// How often the window was claimed until this digest.
    public let attempts: Int
    /// All events of the window, oldest first.
    public let events: [EventID]
    /// Events with an outcome of their own; the notification does not count them.
    public let exceptions: [EventException]
    public let composition: Composition
    /// The trace of the digest, as ``TraceContext`` writes it.
    public let traceParent: String?

    public init(
        id: NotificationID, source: Source, window: WindowSpan, isAlone: Bool = false, attempts: Int = 1,
        events: [EventID], exceptions: [EventException] = [], composition: Composition, traceParent: String? = nil
    ) {
        self.id = id
        self.source = source
        self.window = window
        self.isAlone = isAlone
        self.attempts = attempts
        self.events = events
        self.exceptions = exceptions
        self.composition = composition
        self.traceParent = traceParent
    }

    /// How many events the notification covers.
    public var eventCount: Int { events.count - exceptions.count }

    /// Why there is no notification; `nil` if there is one.
    public var reason: String? {
        if case .suppressed(let reason) = composition { reason } else { nil }
    }

    /// The message that sends the notification; `nil` if there is none.
    public var message: QueueMessage? {
        guard case .notification = composition else { return nil }
        return QueueMessage(key: window.key.recipient, body: .notification(id))
    }
}

/// An event's own outcome, which takes precedence over its window's.
public struct EventException: Hashable, Sendable {
    public let event: EventID
    /// `suppressed` or `dead`.
    public let status: EventStatus
    public let reason: String

    public init(event: EventID, status: EventStatus, reason: String) {
        self.event = event
        self.status = status
        self.reason = reason
    }
}

/// A notification that a replay composed from events that ended before.
public struct ReplayedDigest: Hashable, Sendable {
    public let id: NotificationID
    public let type: EventTypeCode
    public let recipient: RecipientID
    /// In the order in which they were accepted.
    public let events: [EventID]
    public let content: NotificationContent
    public let traceParent: String?

    public init(
        id: NotificationID, type: EventTypeCode, recipient: RecipientID, events: [EventID],
        content: NotificationContent, traceParent: String? = nil
    ) {
        self.id = id
        self.type = type
        self.recipient = recipient
        self.events = events
        self.content = content
        self.traceParent = traceParent
    }

    /// The message that sends the notification.
    public var message: QueueMessage { QueueMessage(key: recipient, body: .notification(id)) }
}
