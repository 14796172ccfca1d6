public import SheafCore

/// A window whose text or events differ from before.
public struct ReplayDifference: Sendable {
    /// What has changed for the same events.
    public enum Change: Equatable, Sendable {
        /// The text is different.
        case reworded(from: NotificationContent, to: NotificationContent)
        /// There was no notification before.
        case notified(NotificationContent)
        /// There is no notification now; holds the reason.
        case suppressed(String)
        /// The factory fails.
        case failed
    }

    public let key: WindowKey
    public let openedAt: Timestamp?
    public let events: Int
    /// How many windows its events had before, if several.
    public let merges: Int?
    /// Whether some events of a former window are in this one and others in another.
    public let continues: Bool
    /// `nil` if the earlier notification had other events, or is not stored any more.
    public let change: Change?

    init(unit: ReplayUnit, merges: Int?, continues: Bool, change: Change?) {
        key = unit.window?.key ?? WindowKey(type: unit.type, recipient: unit.recipient, part: nil)
        openedAt = unit.window?.openedAt
        events = unit.events.count
        self.merges = merges
        self.continues = continues
        self.change = change
    }
}
