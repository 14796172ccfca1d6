public import SheafCore
import Synchronization

/// Provides the counts of this process's stages.
public protocol StageCountSource: Sendable {
    func snapshot() -> StageSnapshot
}

/// Counts the work of this process's stages; the engine adds to it batch by batch.
public final class StageCounters: StageCountSource {
    private let clock: any TimeSource
    private let counts: Mutex<RollingCounts>

    public init(clock: any TimeSource) {
        self.clock = clock
        counts = Mutex(RollingCounts(startedAt: clock.now))
    }

    /// `count` events were accepted.
    public func ingested(_ count: Int) { add(count, to: .ingested) }

    /// `count` events ended; `new` is not an end and is not counted.
    public func finished(_ outcome: EventStatus, _ count: Int) {
        switch outcome {
        case .new: return
        case .processed: add(count, to: .processed)
        case .suppressed: add(count, to: .suppressed)
        case .dead: add(count, to: .dead)
        }
    }

    /// `count` notifications were composed.
    public func composed(_ count: Int) { add(count, to: .notifications) }

    /// `count` attempts at delivery ended; attempts that will be retried are not counted.
    public func sent(_ outcome: DeliveryAttempt.Outcome, _ count: Int = 1) {
        switch outcome {
        case .delivered: add(count, to: .delivered)
        case .failed: add(count, to: .failed)
        case .retry: return
        }
    }

    public func snapshot() -> StageSnapshot {
        let now = clock.now
        return counts.withLock { $0.snapshot(at: now) }
    }

    private func add(_ count: Int, to stage: Stage) {
        guard count != 0 else { return }
        let now = clock.now
        counts.withLock { $0.add(count, to: stage, at: now) }
    }
}

/// Totals, and their values at moments of the last seconds: rates without a timer.
///
/// Totals are noted before an addition, at most once a second. All additions between two notes lie within a second of
/// the earlier note, so idle time counts as idle, however old the last note is.
struct RollingCounts {
    /// The time over which rates are computed.
    static let span: Duration = .seconds(10)
    private static let step: Duration = .seconds(1)

    private let startedAt: Timestamp
    private var totals = StageCounts()
    private var notes: [(at: Timestamp, totals: StageCounts)] = []

    init(startedAt: Timestamp) { self.startedAt = startedAt }

    mutating func add(_ count: Int, to stage: Stage, at now: Timestamp) {
        if notes.last.map({ now - $0.at >= Self.step }) ?? true {
            notes.removeAll { $0.at < now - Self.span }
            notes.append((now, totals))
        }
        totals[stage] += count
    }

    func snapshot(at now: Timestamp) -> StageSnapshot {
        let horizon = max(startedAt, now - Self.span)
        let before = notes.first { $0.at >= horizon }?.totals ?? totals
        // In the first second there is too little data for a rate.
        let seconds = max(now - horizon, Self.step).seconds
        let rates = Stage.allCases.map { ($0, Double(totals[$0] - before[$0]) / seconds) }
        return StageSnapshot(totals: totals, rates: Dictionary(uniqueKeysWithValues: rates))
    }
}
