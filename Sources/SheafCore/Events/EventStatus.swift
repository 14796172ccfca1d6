/// Where an event stands; the raw value is stored.
public enum EventStatus: Int, Hashable, Sendable, CaseIterable {
    /// Accepted, and not yet spoken of.
    case new = 0
    /// In exactly one notification.
    case processed = 1
    /// Ended without a notification, for a stated reason.
    case suppressed = 2
    /// Given up, for a stated reason; a dead letter holds it.
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
