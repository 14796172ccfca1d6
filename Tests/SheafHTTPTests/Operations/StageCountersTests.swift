import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Counts of the stages")
struct StageCountersTests {
    @Test("Each call counts its own stage, and outcomes that are no end are not counted")
    func stages() {
        let counters = StageCounters(clock: TestClock())
        counters.ingested(1)
        counters.finished(.processed, 2)
        counters.finished(.suppressed, 3)
        counters.finished(.dead, 4)
        counters.finished(.new, 100)
        counters.composed(5)
        counters.sent(.delivered, 6)
        counters.sent(.failed, 7)
        counters.sent(.retry, 100)
        let totals = counters.snapshot().totals
        #expect(Stage.allCases.map { totals[$0] } == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test("Rates cover the time since the start at first, then ten seconds")
    func rates() {
        let clock = TestClock()
        let counters = StageCounters(clock: clock)
        func rate() -> Double? { counters.snapshot().rates[.ingested] }
        counters.ingested(50)
        #expect(rate() == 50)
        clock.advance(by: .seconds(5))
        #expect(rate() == 10)
        clock.advance(by: .seconds(5))
        #expect(rate() == 5)
        clock.advance(by: .seconds(1))
        #expect(rate() == 0)
        #expect(counters.snapshot().totals.ingested == 50)
    }

    @Test("A steady flow has its rate, however seldom it is read")
    func steady() throws {
        let clock = TestClock()
        let counters = StageCounters(clock: clock)
        for second in 1...100 {
            for _ in 1...4 {
                counters.ingested(25)
                clock.advance(by: .milliseconds(250))
            }
            let rate = try #require(counters.snapshot().rates[.ingested])
            #expect(second < 2 || abs(rate - 100) <= 10)
        }
    }

    @Test("A burst after a long pause is not averaged over the pause")
    func silence() {
        let clock = TestClock()
        let counters = StageCounters(clock: clock)
        counters.ingested(1000)
        clock.advance(by: .seconds(3600))
        counters.ingested(50)
        #expect(counters.snapshot().rates[.ingested] == 5)
        #expect(counters.snapshot().totals.ingested == 1050)
    }
}
