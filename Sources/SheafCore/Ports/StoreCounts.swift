/// What a store keeps count of, so that nobody has to count rows; of a transaction, by how much it changes that.
///
/// A store changes its counts in the transaction that does the work, so that they are exact after a kill.
public struct StoreCounts: Hashable, Sendable {
    /// Events in live windows.
    public var events: Int
    /// Live windows that are open, or wait: those that operators see.
    public var windows: Int
    /// Events that have neither a window nor an outcome.
    public var unassigned: Int
    /// Notifications that are neither delivered nor failed.
    public var pending: Int
    public var deadLetters: Int

    public init(events: Int = 0, windows: Int = 0, unassigned: Int = 0, pending: Int = 0, deadLetters: Int = 0) {
        self.events = events
        self.windows = windows
        self.unassigned = unassigned
        self.pending = pending
        self.deadLetters = deadLetters
    }

    public static let zero = StoreCounts()

    public static func += (left: inout Self, right: Self) {
        left.events += right.events
        left.windows += right.windows
        left.unassigned += right.unassigned
        left.pending += right.pending
        left.deadLetters += right.deadLetters
    }
}
