/// What is kept for a time of its own.
public enum RetainedKind: String, Hashable, Sendable, CaseIterable {
    /// Events with what is told of them, counted from when they ended.
    case events
    /// Notifications with their attempts, counted from when they were composed.
    case notifications
    /// Dead letters, counted from when they failed.
    case deadLetters = "dead_letters"
}
