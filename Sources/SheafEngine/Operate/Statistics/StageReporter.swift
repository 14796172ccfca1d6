public import SheafCore

/// Reports the counts of this process's stages to the other processes on the store: within a second if they change, and
/// otherwise often enough to show that the process is alive.
public struct StageReporter: Sendable {
    static let interval: Duration = .seconds(1)
    /// Two heartbeats may be missed before a process counts as ended.
    static let heartbeat: Duration = .seconds(4)

    private let counts: any StageCountSource
    private let reports: any StageReports
    private let clock: any TimeSource

    public init(_ counts: any StageCountSource, to reports: any StageReports, clock: any TimeSource) {
        self.counts = counts
        self.reports = reports
        self.clock = clock
    }

    /// Reports until the task is cancelled. If a report fails, it is sent again a second later.
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
