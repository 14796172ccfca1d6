public import SheafCore
import Testing

/// Reports under test, whose lifetime is ten ticks.
public protocol StageReportsHarness: DriverHarness {
    var reports: any StageReports { get }

    /// The same reports as another process sees them.
    func otherReports() async throws -> any StageReports
}

/// The conformance checks for drivers of ``StageReports``.
public enum StageReportsConformance {
    public typealias Check = ConformanceCheck<any StageReportsHarness>

    public static var checks: [Check] {
        [
            Check("A process sees the sum of the others' reports, without its own") {
                harness async throws in
                let processes = [
                    harness.reports, try await harness.otherReports(), try await harness.otherReports(),
                ]
                for process in processes { #expect(try await process.others().totals == StageCounts()) }
                for (index, process) in processes.enumerated() { try await process.report(snapshot(10 * index)) }
                #expect(try await processes[0].others() == snapshot(10) + snapshot(20))
                #expect(try await processes[1].others() == snapshot(0) + snapshot(20))
                #expect(try await processes[2].others() == snapshot(0) + snapshot(10))
            },
            Check("A report replaces the previous one") { harness async throws in
                let other = try await harness.otherReports()
                for number in [7, 8, 3] {
                    try await other.report(snapshot(number))
                    #expect(try await harness.reports.others() == snapshot(number))
                }
            },
            Check("Large counts and small rates are reported exactly") { harness async throws in
                var totals = StageCounts()
                totals.ingested = 1 << 60
                let snapshot = StageSnapshot(totals: totals, rates: [.ingested: 0.001, .delivered: 123_456.789])
                try await harness.otherReports().report(snapshot)
                let seen = try await harness.reports.others()
                #expect(seen.totals == totals)
                for stage in Stage.allCases { #expect(seen.rates[stage] ?? 0 == snapshot.rates[stage] ?? 0) }
            },
            Check("A process without a report within the lifetime is not counted until it reports again") {
                harness async throws in
                let (first, second) = (try await harness.otherReports(), try await harness.otherReports())
                try await first.report(snapshot(1))
                try await harness.advance(ticks: 6)
                try await second.report(snapshot(2))
                #expect(try await harness.reports.others() == snapshot(1) + snapshot(2))
                try await harness.advance(ticks: 5)
                #expect(try await harness.reports.others() == snapshot(2))
                try await first.report(snapshot(4))
                #expect(try await harness.reports.others() == snapshot(4) + snapshot(2))
            },
        ]
    }

    /// A snapshot with distinct numbers.
    private static func snapshot(_ number: Int) -> StageSnapshot {
        var totals = StageCounts()
        var rates: [Stage: Double] = [:]
        for (index, stage) in Stage.allCases.enumerated() {
            totals[stage] = number + index
            rates[stage] = Double(number * index) / 2
        }
        return StageSnapshot(totals: totals, rates: rates)
    }
}
