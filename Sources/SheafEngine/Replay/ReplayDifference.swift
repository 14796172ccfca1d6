public import SheafCore

/// A window of which something else is said than before, or of other events.
public struct ReplayDifference: Sendable {
    /// What is said of the same events now.
    public enum Change: Equatable, Sendable {
        /// It reads differently.
        case reworded(from: NotificationContent, to: NotificationContent)
        /// Nothing had been said of them.
        case notified(NotificationContent)
        /// Nothing is said of them any more; why, in words.
        case suppressed(String)
        /// The factory fails.
        case failed
    }

    public let key: WindowKey
    public let openedAt: Timestamp?
    public let events: Int
    /// Of how many windows it has events, if they are several.
    public let merges: Int?
    /// Whether it has events of a window whose others are in another one.
    public let continues: Bool
    /// `nil` if what had been said was of other events, or is not stored any more.
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
