import FoundationEssentials
import Synchronization

/// Wall-clock time that runs at the pace of the monotonic clock, so that a short jump of the host's clock closes no
/// window.
///
/// It starts at the host's wall clock and follows the continuous clock. It corrects drift against the wall clock by at
/// most one part in two thousand, as `adjtime` does. If the wall clock was set and stays different, the new time is
/// adopted after a few seconds; only then may the time go back.
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
    /// How many monotonic microseconds allow a correction of one microsecond towards the wall clock.
    static let price: Int64 = 2000
    /// The maximum correction saved up, a millisecond's worth, so that a long pause allows no jump.
    static let savings: Int64 = 1000 * price
    /// A difference from which the wall clock counts as set, in microseconds.
    static let apart: Int64 = 1_000_000
    /// How long the difference must last before it is adopted, in monotonic microseconds.
    static let patience: Int64 = 3_000_000

    private var elapsed: Int64 = 0
    private var budget: Int64 = 0
    private var reported: Int64
    /// Since when the wall clock has differed, in monotonic microseconds; `nil` if it does not.
    private var apartSince: Int64?

    public init(wall: Timestamp) { reported = wall.microseconds }

    /// The time to report `elapsed` monotonic microseconds after the start, while the host's clock shows `wall`.
    public mutating func advance(elapsed: Int64, wall: Timestamp) -> Timestamp {
        let step = max(0, elapsed - self.elapsed)
        self.elapsed += step
        reported += step
        let difference = wall.microseconds.subtractingReportingOverflow(reported).partialValue
        if difference.magnitude < Self.apart {
            apartSince = nil
        } else if let since = apartSince, self.elapsed - since >= Self.patience {
            (reported, apartSince, budget) = (wall.microseconds, nil, 0)
            return wall
        } else {
            apartSince = apartSince ?? self.elapsed
        }
        budget = min(budget + step, Self.savings)
        // Never go back by more than this step went forward: the reported time does not decrease.
        let limit = min(budget / Self.price, step)
        let move = min(max(difference, -limit), limit)
        budget -= abs(move) * Self.price
        reported += move
        return Timestamp(microseconds: reported)
    }
}
