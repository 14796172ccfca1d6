import SheafCore
import SheafMemory
import SheafTesting
import Synchronization
import Testing

@testable import SheafEngine

@Suite("A process's stage reports", .timeLimit(.minutes(1)))
struct StageReporterTests {
    /// Reports that are recorded, or fail if asked to.
    private final class Reports: StageReports {
        private let state = Mutex((reported: [Int](), tries: 0, fails: false))

        var reported: [Int] { state.withLock { $0.reported } }
        var tries: Int { state.withLock { $0.tries } }
        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

        func report(_ snapshot: StageSnapshot) async throws {
            try state.withLock { state in
                state.tries += 1
                if state.fails { throw SheafError(.unavailable, "away") }
                state.reported.append(snapshot.totals.ingested)
            }
        }

        func others() async throws -> StageSnapshot { StageSnapshot() }
    }

    private let clock = TestClock()
    private let reports = Reports()

    /// Runs `body` while `counters` are reported.
    private func reporting(_ body: (StageCounters) async throws -> Void) async rethrows {
        let counters = StageCounters(clock: clock)
        let reporter = StageReporter(counters, to: reports, clock: clock)
        let task = Task { await reporter.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(1)
        try await body(counters)
    }

    private func pass(seconds: Int) async {
        for _ in 0..<seconds {
            clock.advance(by: StageReporter.interval)
            await clock.waitForSleepers(1)
        }
    }

    @Test("An idle process reports seldom")
    func idle() async {
        await reporting { _ in
            #expect(reports.reported == [0])
            await pass(seconds: 40)
            #expect(reports.reported.count == 11)
        }
    }

    @Test("Changes are reported within a second")
    func change() async {
        await reporting { counters in
            for count in 1...3 {
                counters.ingested(1)
                await pass(seconds: 1)
                #expect(reports.reported.last == count)
            }
        }
    }

    @Test("A failed report is repeated a second later")
    func failure() async {
        await reporting { counters in
            counters.ingested(5)
            reports.fail(true)
            await pass(seconds: 3)
            #expect(reports.reported == [0] && reports.tries == 4)
            reports.fail(false)
            await pass(seconds: 1)
            #expect(reports.reported == [0, 5])
        }
    }

    @Test("Statistics sum the stages of all running processes")
    func statistics() async throws {
        let own = MemoryStageReports(clock: clock)
        let counters = StageCounters(clock: clock)
        let operations = Operations(
            store: MemoryStore(clock: clock), debouncer: MemoryDebouncer(clock: clock), catalog: try LiveCatalog([]),
            clock: clock, counts: counters, reports: own)
        counters.ingested(10)
        let other = StageCounters(clock: clock)
        other.ingested(1)
        other.sent(.delivered, 20)
        try await own.report(counters.snapshot())
        try await own.otherProcess().report(other.snapshot())
        let stages = try #require(try await operations.statistics().stages)
        #expect(stages.totals.ingested == 11 && stages.totals.delivered == 20)
        #expect(stages.rates[.ingested] == 11 && stages.rates[.delivered] == 20)
    }
}
