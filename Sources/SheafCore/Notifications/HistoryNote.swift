/// A step in the history of an event, or of a notification, that no other row tells of.
public struct HistoryNote: Hashable, Sendable {
    /// The raw value is stored.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// It was dead-lettered; written when its dead letter is taken away.
        case dead
        /// An operator brought it back to life.
        case redriven
        /// It was found to wait nowhere, and its message was republished.
        case swept
        /// A replay composed it anew.
        case replayed
    }

    /// What it is about.
    public let subject: MessageBody
    public let at: Timestamp
    public let step: Step
    /// Why; of a replay, which one.
    public let reason: String?
    /// The notification that came of it.
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

    /// What is noted of each event of `digest`, which `replay` composed again.
    public static func replayed(_ digest: ReplayedDigest, by replay: String, at moment: Timestamp) -> [HistoryNote] {
        digest.events.map {
            HistoryNote(subject: .event($0), at: moment, step: .replayed, reason: replay, notification: digest.id)
        }
    }
}
