import SheafCore
import Testing

@Suite("Steady time")
struct SteadyPaceTests {
    private static let start = Timestamp(milliseconds: 1_795_424_400_000)

    @Test("With a correct wall clock the time equals it")
    func agreement() {
        var pace = SteadyPace(wall: Self.start)
        for step in 1...1000 {
            let wall = Self.start + .milliseconds(step)
            #expect(pace.advance(elapsed: Int64(step) * 1000, wall: wall) == wall)
        }
    }

    @Test(
        "After a short jump of the wall clock the time moves by at most one part in two thousand",
        arguments: [Duration.seconds(3600), .seconds(-3600)], [1, 100, 10_000, 1_000_000] as [Int64])
    func jump(by jump: Duration, step: Int64) {
        var pace = SteadyPace(wall: Self.start)
        var elapsed: Int64 = 0
        for _ in 0..<min(500, 2_900_000 / step) {
            elapsed += step
            let reported = pace.advance(elapsed: elapsed, wall: Self.start + .microseconds(elapsed) + jump)
            let drift = abs((reported - Self.start).microseconds - elapsed)
            #expect(drift <= elapsed / 2000)
        }
    }

    @Test("After a long pause a jump moves the time by at most a millisecond")
    func jumpAfterSilence() {
        var pace = SteadyPace(wall: Self.start)
        let day: Int64 = 86_400_000_000
        #expect(pace.advance(elapsed: day, wall: Self.start + .microseconds(day)) == Self.start + .microseconds(day))
        let reported = pace.advance(elapsed: day + 1000, wall: Self.start + .seconds(100_000))
        #expect(reported - (Self.start + .microseconds(day + 1000)) <= .milliseconds(1))
    }

    @Test(
        "A wall clock that was set is adopted within seconds, forwards and backwards",
        arguments: [Duration.seconds(3600), .seconds(-3600), .seconds(2), .seconds(-2)])
    func adoption(of jump: Duration) {
        var pace = SteadyPace(wall: Self.start)
        for step in 1...50 {
            let elapsed = Duration.milliseconds(100 * step)
            let reported = pace.advance(elapsed: elapsed.microseconds, wall: Self.start + elapsed + jump)
            let isAdopted = abs((reported - (Self.start + elapsed + jump)).microseconds) < 10_000
            #expect(isAdopted == (step > 30))
        }
    }

    @Test(
        "The time never decreases while the wall clock differs only for short periods",
        arguments: [1, 2, 3, 4] as [UInt64])
    func monotony(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var pace = SteadyPace(wall: Self.start)
        var (elapsed, offset, last): (Int64, Int64, Timestamp) = (0, 0, Self.start)
        for _ in 0..<5000 {
            // A monotonic clock should never go back, but must do no harm if it does.
            elapsed += Int64.random(in: -5...20_000, using: &generator)
            if generator.one(in: 50) { offset = Int64.random(in: -3_600_000_000...3_600_000_000, using: &generator) }
            if elapsed % 2_000_000 < 40_000 { offset = 0 }
            let reported = pace.advance(elapsed: elapsed, wall: Self.start + .microseconds(elapsed + offset))
            #expect(reported >= last)
            last = reported
        }
    }

    @Test(
        "The time reaches a wall clock that was set, and follows it",
        arguments: [Duration.milliseconds(100), .milliseconds(-100)])
    func convergence(offset: Duration) {
        var pace = SteadyPace(wall: Self.start)
        var elapsed: Int64 = 0
        for _ in 0..<2100 {
            elapsed += 100_000
            _ = pace.advance(elapsed: elapsed, wall: Self.start + .microseconds(elapsed) + offset)
        }
        // 100 ms at one part in 2,000 are 200 s.
        for _ in 0..<10 {
            elapsed += 100_000
            let wall = Self.start + .microseconds(elapsed) + offset
            #expect(pace.advance(elapsed: elapsed, wall: wall) == wall)
        }
    }

    @Test("The clock's time does not decrease and stays close to the host's")
    func clock() {
        let clock = SteadyClock()
        let moments = (0..<1000).map { _ in clock.now }
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(Timestamp("2024-01-01T00:00:00Z").map { moments[0] > $0 } == true)
    }
}
