/// Provides the time to a component and lets it wait; tests use one that they advance by hand.
public protocol TimeSource: Sendable {
    /// The present moment. It goes back only if the underlying clock was ahead and was corrected.
    var now: Timestamp { get }

    /// Waits for `duration`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}
