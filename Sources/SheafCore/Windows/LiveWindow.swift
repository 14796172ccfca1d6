/// The number of a window, unique within its store or debouncer; successive windows of one key have different numbers.
public typealias WindowID = Int64

/// Why a window waits.
public enum WaitReason: String, Hashable, Sendable, CaseIterable {
    /// A service that its type needs is failing.
    case service
    /// The recipient's time of day for digests.
    case daily
    case quietHours = "quiet_hours"
    case cap
}

/// A window that has not ended, as operators see it.
public struct LiveWindow: Hashable, Sendable {
    public let id: WindowID
    public let key: WindowKey
    public let events: Int
    /// At most these many bytes of payloads are in it, as ``WindowState/bytes``.
    public let bytes: Int
    public let openedAt: Timestamp
    /// When it closes; if it waits, when its wait ends.
    public let closesAt: Timestamp
    /// Why it waits; `nil` if it does not.
    public let waitsFor: WaitReason?
    /// Whether it is the window of a single immediate or leading event.
    public let isAlone: Bool

    public init(
        id: WindowID, key: WindowKey, events: Int, bytes: Int, openedAt: Timestamp, closesAt: Timestamp,
        waitsFor: WaitReason? = nil, isAlone: Bool = false
    ) {
        self.bytes = bytes
        self.isAlone = isAlone
        self.id = id
        self.key = key
        self.events = events
        self.openedAt = openedAt
        self.closesAt = closesAt
        self.waitsFor = waitsFor
    }
}

/// A page of open windows.
public struct LiveWindowPage: Hashable, Sendable {
    /// How many live windows are read for a page, whether they are shown or not. A page ends there, however few it has.
    public static let readLimit = 10_000

    public let items: [LiveWindow]
    /// All open windows.
    public let total: Int
    /// The cursor of the next page; `nil` on the last.
    public let next: WindowID?

    public init(items: [LiveWindow], total: Int, next: WindowID?) {
        self.items = items
        self.total = total
        self.next = next
    }
}

/// A window's key, and from when to when it was open.
public struct WindowSpan: Hashable, Sendable {
    public let key: WindowKey
    public let openedAt: Timestamp
    public let closesAt: Timestamp

    public init(key: WindowKey, openedAt: Timestamp, closesAt: Timestamp) {
        self.key = key
        self.openedAt = openedAt
        self.closesAt = closesAt
    }
}

/// A window that has ended.
public struct EndedWindow: Hashable, Sendable {
    public let id: WindowID
    public let span: WindowSpan
    /// Whether it was the window of a single immediate or leading event.
    public let isAlone: Bool
    /// How many events it had, whatever their outcomes.
    public let events: Int
    public let endedAt: Timestamp
    /// `nil` if its events were suppressed.
    public let notification: NotificationID?
    /// Why there is no notification.
    public let reason: String?
    /// How often it was claimed for digesting.
    public let attempts: Int
    /// What it waited for last; `nil` if it never waited.
    public let waitedFor: WaitReason?

    public init(
        id: WindowID, span: WindowSpan, isAlone: Bool, events: Int, endedAt: Timestamp,
        notification: NotificationID?, reason: String?, attempts: Int = 0, waitedFor: WaitReason? = nil
    ) {
        self.id = id
        self.span = span
        self.isAlone = isAlone
        self.events = events
        self.endedAt = endedAt
        self.notification = notification
        self.reason = reason
        self.attempts = attempts
        self.waitedFor = waitedFor
    }
}
