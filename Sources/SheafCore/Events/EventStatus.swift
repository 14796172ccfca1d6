/// The state of an event; the raw value is stored.
public enum EventStatus: Int, Hashable, Sendable, CaseIterable {
    /// Accepted, and not ended yet.
    case new = 0
    /// In exactly one notification.
    case processed = 1
    /// Ended without a notification, with a reason.
    case suppressed = 2
    /// Dead-lettered, with a reason.
    case dead = 3

    /// The name clients see.
    public var name: String {
        switch self {
        case .new: "new"
        case .processed: "processed"
        case .suppressed: "suppressed"
        case .dead: "dead"
        }
    }
}
