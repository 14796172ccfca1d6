public import SheafCore

/// Tells the other processes on the store what the stages of this one do: within a second where something changes, and
/// otherwise often enough to be known to live.
public struct StageReporter: Sendable {
    static let interval: Duration = .seconds(1)
    /// Two may be missed before a process seems to have ended.
    static let heartbeat: Duration = .seconds(4)

    private let counts: any StageCountSource
    private let reports: any StageReports
    private let clock: any TimeSource

    public init(_ counts: any StageCountSource, to reports: any StageReports, clock: any TimeSource) {
        self.counts = counts
        self.reports = reports
        self.clock = clock
    }

    /// Reports until the task is cancelled. What the server does not take is told again a second later.
    public func run() async {
        var last: (snapshot: StageSnapshot, at: Timestamp)?
        while !Task.isCancelled {
            let (snapshot, now) = (counts.snapshot(), clock.now)
            if last.map({ $0.snapshot != snapshot || now - $0.at >= Self.heartbeat }) ?? true,
                (try? await reports.report(snapshot)) != nil
            {
                last = (snapshot, now)
            }
            do { try await clock.sleep(for: Self.interval) } catch { return }
        }
    }
}
