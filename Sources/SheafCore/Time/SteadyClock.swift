import FoundationEssentials
import Synchronization

/// Wall-clock time that runs at the pace of the monotonic clock, so that a jump of the host's clock closes no window.
///
/// It starts at the host's wall clock, then follows the continuous clock, and approaches a wall clock that drifts or
/// was set by at most one part in two thousand, as `adjtime` does.
public final class SteadyClock: TimeSource {
    private let start = ContinuousClock.now
    private let pace: Mutex<SteadyPace>

    public init() { pace = Mutex(SteadyPace(wall: Self.wall)) }

    public var now: Timestamp {
        let elapsed = ContinuousClock.now - start
        return pace.withLock { $0.advance(elapsed: elapsed.microseconds, wall: Self.wall) }
    }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: .zero)
    }

    private static var wall: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}

/// The arithmetic of ``SteadyClock``, without a clock.
public struct SteadyPace: Sendable {
    /// Monotonic microseconds that buy one microsecond of movement towards the wall clock.
    static let price: Int64 = 2000
    /// What can be saved up for one movement, so that a long silence buys no jump: a millisecond's worth.
    static let savings: Int64 = 1000 * price

    private var elapsed: Int64 = 0
    private var budget: Int64 = 0
    private var told: Int64

    public init(wall: Timestamp) { told = wall.microseconds }

    /// The time to tell, `elapsed` monotonic microseconds after the start, while the host's clock shows `wall`.
    public mutating func advance(elapsed: Int64, wall: Timestamp) -> Timestamp {
        let step = max(0, elapsed - self.elapsed)
        self.elapsed += step
        told += step
        budget = min(budget + step, Self.savings)
        // Never back by more than this step brought forward: the told time does not decrease.
        let limit = min(budget / Self.price, step)
        let move = min(max(wall.microseconds - told, -limit), limit)
        budget -= abs(move) * Self.price
        told += move
        return Timestamp(microseconds: told)
    }
}
