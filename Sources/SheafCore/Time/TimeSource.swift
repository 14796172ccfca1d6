/// What tells a component the time and lets it wait; tests put one in that they move by hand.
public protocol TimeSource: Sendable {
    /// The present moment. It goes back only if the clock that it follows was ahead, and was set right.
    var now: Timestamp { get }

    /// Waits for `duration`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}
