/// A step in the history of an event or a notification that no other row records.
public struct HistoryNote: Hashable, Sendable {
    /// The raw value is stored.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// It was dead-lettered; written when its dead letter is removed.
        case dead
        /// An operator redrove it.
        case redriven
        /// Nothing was processing it, and its message was republished.
        case swept
        /// A replay composed it again.
        case replayed
        /// Another event took it back.
        case retracted
    }

    /// The event or notification.
    public let subject: MessageBody
    public let at: Timestamp
    public let step: Step
    /// Why; of a replay, which one; of a retraction, the identifier of the event that took it back.
    public let reason: String?
    /// The resulting notification.
    public let notification: NotificationID?

    public init(
        subject: MessageBody, at: Timestamp, step: Step, reason: String? = nil, notification: NotificationID? = nil
    ) {
        self.subject = subject
        self.at = at
        self.step = step
        self.reason = reason
        self.notification = notification
    }

    /// The notes for each event of `digest`, which `replay` composed again.
    public static func replayed(_ digest: ReplayedDigest, by replay: String, at moment: Timestamp) -> [HistoryNote] {
        digest.events.map {
            HistoryNote(subject: .event($0), at: moment, step: .replayed, reason: replay, notification: digest.id)
        }
    }
}
