/// How often and at what intervals an operation is tried: exponential backoff with jitter over the upper half ("equal
/// jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
public struct RetryPolicy: Hashable, Sendable {
    /// The number of attempts including the first; at least 1.
    public let maxAttempts: Int
    public let base: Duration
    public let cap: Duration

    public init(maxAttempts: Int, base: Duration, cap: Duration) {
        self.maxAttempts = max(1, maxAttempts)
        self.base = base
        self.cap = cap
    }

    /// Whether another attempt may follow the one with this number, counted from 1.
    public func allowsAttempt(after attempt: Int) -> Bool { attempt < maxAttempts }

    /// The maximum wait after attempt `attempt`, counted from 1: base · 2^(attempt−1), limited by the cap.
    public func ceiling(after attempt: Int) -> Duration {
        let exponent = min(max(attempt, 1) - 1, 40)
        return .microseconds(min(base.microseconds.multipliedClamped(by: 1 << exponent), cap.microseconds))
    }

    /// A random wait after attempt `attempt`: from half the ceiling to the ceiling, and at least `floor`, which is what
    /// the other side asked for.
    public func delay(
        after attempt: Int, floor: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = ceiling(after: attempt).microseconds
        let jittered = Duration.microseconds(
            Int64.random(in: ceiling / 2...max(ceiling, ceiling / 2), using: &generator))
        return max(jittered, floor ?? .zero)
    }

    public func delay(after attempt: Int, floor: Duration? = nil) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return delay(after: attempt, floor: floor, using: &generator)
    }
}
