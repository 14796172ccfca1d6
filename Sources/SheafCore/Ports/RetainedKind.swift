/// A kind of rows with its own retention.
public enum RetainedKind: String, Hashable, Sendable, CaseIterable {
    /// Events with their notes, counted from their end.
    case events
    /// Notifications with their attempts, counted from their composition.
    case notifications
    /// Dead letters, counted from their failure.
    case deadLetters = "dead_letters"
}
