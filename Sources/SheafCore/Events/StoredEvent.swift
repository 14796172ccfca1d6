/// An event with its outcome.
public struct StoredEvent: Hashable, Sendable {
    public let event: Event
    /// Its own outcome if it has one, else that of its window.
    public let status: EventStatus
    /// Why it was suppressed or dead-lettered.
    public let reason: String?
    /// `nil` if it has no window yet.
    public let window: WindowID?
    /// The notification of its window, if it covers this event.
    public let notificationID: NotificationID?
    public let finishedAt: Timestamp?

    public init(
        event: Event, status: EventStatus = .new, reason: String? = nil, window: WindowID? = nil,
        notificationID: NotificationID? = nil, finishedAt: Timestamp? = nil
    ) {
        self.event = event
        self.status = status
        self.reason = reason
        self.window = window
        self.notificationID = notificationID
        self.finishedAt = finishedAt
    }

    /// An event with its own outcome and its window's, for drivers.
    ///
    /// - Parameters:
    ///   - outcome: the event's own status, its reason and when it got it; it takes precedence over the window's.
    ///   - ended: its window, if that has ended.
    public init(
        _ event: Event, window: WindowID?, outcome: (status: EventStatus, reason: String?, at: Timestamp)?,
        ended: (notification: NotificationID?, reason: String?, at: Timestamp)?
    ) {
        if let outcome {
            self.init(
                event: event, status: outcome.status, reason: outcome.reason, window: window, finishedAt: outcome.at)
        } else if let ended {
            self.init(
                event: event, status: ended.notification == nil ? .suppressed : .processed, reason: ended.reason,
                window: window, notificationID: ended.notification, finishedAt: ended.at)
        } else {
            self.init(event: event, window: window)
        }
    }
}
