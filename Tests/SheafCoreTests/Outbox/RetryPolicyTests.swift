import SheafCore
import Testing

@Suite("Retry policies")
struct RetryPolicyTests {
    @Test("The ceiling doubles up to the cap")
    func ceiling() {
        let policy = RetryPolicy(maxAttempts: 10, base: .seconds(1), cap: .seconds(60))
        #expect((1...8).map { policy.ceiling(after: $0) } == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(policy.ceiling(after: 0) == .seconds(1))
        #expect(policy.ceiling(after: .max) == .seconds(60))
        #expect(policy.ceiling(after: .min) == .seconds(1))
    }

    @Test("Attempts are allowed up to their number, and one always is")
    func attempts() {
        let policy = RetryPolicy(maxAttempts: 3, base: .seconds(1), cap: .seconds(60))
        #expect((1...4).map { policy.allowsAttempt(after: $0) } == [true, true, false, false])
        #expect(RetryPolicy(maxAttempts: 0, base: .zero, cap: .zero).maxAttempts == 1)
        #expect(RetryPolicy(maxAttempts: -5, base: .zero, cap: .zero).maxAttempts == 1)
    }

    @Test("Waits are between half the ceiling and the ceiling, and not below the requested wait")
    func bounds() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<5000 {
            let base = Int64.random(in: 0...10_000_000, using: &generator)
            let policy = RetryPolicy(
                maxAttempts: 5, base: .microseconds(base),
                cap: .microseconds(generator.one(in: 10) ? .max : base * Int64.random(in: 1...5000, using: &generator)))
            let attempt = generator.one(in: 10) ? .max : Int.random(in: -1...80, using: &generator)
            let floor: Duration? =
                generator.one(in: 2) ? nil : .microseconds(Int64.random(in: 0...100_000_000, using: &generator))
            let ceiling = policy.ceiling(after: attempt)
            let wait = policy.delay(after: attempt, floor: floor, using: &generator)
            #expect(ceiling <= policy.cap)
            #expect(ceiling >= min(policy.base, policy.cap))
            #expect(wait >= ceiling / 2 - .microseconds(1))
            #expect(wait <= max(ceiling, floor ?? .zero))
            #expect(wait >= floor ?? .zero)
        }
    }

    @Test("Waits use all of their range")
    func spread() {
        var generator = SplitMix64(seed: 2)
        let policy = RetryPolicy(maxAttempts: 5, base: .seconds(1), cap: .seconds(60))
        let waits = (0..<1000).map { _ in policy.delay(after: 1, using: &generator) }
        #expect(waits.contains { $0 < .milliseconds(550) })
        #expect(waits.contains { $0 > .milliseconds(950) })
    }

    @Test("The system's random numbers also keep the bounds")
    func systemGenerator() {
        let policy = RetryPolicy(maxAttempts: 5, base: .seconds(1), cap: .seconds(60))
        #expect((0..<100).allSatisfy { _ in (.milliseconds(500)...(.seconds(1))).contains(policy.delay(after: 1)) })
        #expect(policy.delay(after: 1, floor: .seconds(90)) == .seconds(90))
    }
}
