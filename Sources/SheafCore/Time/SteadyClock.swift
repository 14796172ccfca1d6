import FoundationEssentials
import Synchronization

/// Wall-clock time that runs at the pace of the monotonic clock, so that a short jump of the host's clock closes no
/// window.
///
/// It starts at the host's wall clock, then follows the continuous clock, and approaches a wall clock that drifts by at
/// most one part in two thousand, as `adjtime` does. A wall clock that was set and stays apart is adopted at once
/// after a few seconds; only then may the time go back.
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
    /// From which difference on the wall clock counts as set, in microseconds.
    static let apart: Int64 = 1_000_000
    /// How long it has to stay so before it is adopted, in monotonic microseconds.
    static let patience: Int64 = 3_000_000

    private var elapsed: Int64 = 0
    private var budget: Int64 = 0
    private var told: Int64
    /// Since when, in monotonic microseconds, the wall clock has been apart; `nil` if it is not.
    private var apartSince: Int64?

    public init(wall: Timestamp) { told = wall.microseconds }

    /// The time to tell, `elapsed` monotonic microseconds after the start, while the host's clock shows `wall`.
    public mutating func advance(elapsed: Int64, wall: Timestamp) -> Timestamp {
        let step = max(0, elapsed - self.elapsed)
        self.elapsed += step
        told += step
        let difference = wall.microseconds.subtractingReportingOverflow(told).partialValue
        if difference.magnitude < Self.apart {
            apartSince = nil
        } else if let since = apartSince, self.elapsed - since >= Self.patience {
            (told, apartSince, budget) = (wall.microseconds, nil, 0)
            return wall
        } else {
            apartSince = apartSince ?? self.elapsed
        }
        budget = min(budget + step, Self.savings)
        // Never back by more than this step brought forward: the told time does not decrease.
        let limit = min(budget / Self.price, step)
        let move = min(max(difference, -limit), limit)
        budget -= abs(move) * Self.price
        told += move
        return Timestamp(microseconds: told)
    }
}
