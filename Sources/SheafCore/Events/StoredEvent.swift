/// An event together with what became of it.
public struct StoredEvent: Hashable, Sendable {
    public let event: Event
    public let status: EventStatus
    /// Why it was suppressed or given up.
    public let reason: String?
    /// The binding that ended it, which is also its notification's identifier where there is one.
    public let binding: NotificationID?
    public let finishedAt: Timestamp?

    public init(
        event: Event, status: EventStatus = .new, reason: String? = nil, binding: NotificationID? = nil,
        finishedAt: Timestamp? = nil
    ) {
        self.event = event
        self.status = status
        self.reason = reason
        self.binding = binding
        self.finishedAt = finishedAt
    }

    public var notificationID: NotificationID? { status == .processed ? binding : nil }
}
