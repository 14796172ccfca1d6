import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("RetryingHandler", .timeLimit(.minutes(1)))
struct RetryingHandlerTests {
    private let clock = TestClock()
    private let policy = RetryPolicy(maxAttempts: 4, base: .seconds(1), cap: .seconds(3))

    private func retrying(_ base: RecordingHandler) -> RetryingHandler<RecordingHandler> {
        RetryingHandler(base, policy: policy, clock: clock)
    }

    /// Waits for the handler's sleep, and checks that it ends between two moments.
    private func expectSleep(atLeast shortest: Duration, atMost longest: Duration) async {
        await clock.waitForSleepers(1)
        clock.advance(by: shortest - .microseconds(1))
        #expect(clock.sleepers == 1, "slept less than \(shortest)")
        clock.advance(by: longest - shortest + .microseconds(1))
        #expect(clock.sleepers == 0, "sleeps longer than \(longest)")
    }

    @Test("A single message is retried after waits that double up to the cap")
    func backoff() async throws {
        let base = RecordingHandler { _, call in call < 4 ? Failures.transient : nil }
        async let done: Void = retrying(base).handle([7])
        await expectSleep(atLeast: .milliseconds(500), atMost: .seconds(1))
        await expectSleep(atLeast: .seconds(1), atMost: .seconds(2))
        await expectSleep(atLeast: .milliseconds(1500), atMost: .seconds(3))
        try await done
        #expect(base.calls == [[7], [7], [7], [7]])
        #expect(base.handled == [7])
    }

    @Test("It waits as long as the other side asked for")
    func retryAfter() async throws {
        let asked = SheafError(.upstream, "busy", retryAfter: .seconds(90))
        let base = RecordingHandler { _, call in call == 1 ? asked : nil }
        async let done: Void = retrying(base).handle([7])
        await expectSleep(atLeast: .seconds(90), atMost: .seconds(90))
        try await done
        #expect(base.calls.count == 2)
    }

    @Test("The error of the last attempt is thrown")
    func attemptsUsedUp() async {
        let base = RecordingHandler { _, _ in Failures.transient }
        async let error = failure(of: { try await retrying(base).handle([7]) })
        for _ in 1...3 {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(3))
        }
        #expect(await error as? SheafError == Failures.transient)
        #expect(base.calls.count == 4)
    }

    @Test(
        "A permanent failure is thrown at once",
        arguments: [Failures.permanent, Failures.infrastructure])
    func noRetry(_ thrown: SheafError) async {
        let base = RecordingHandler { _, _ in thrown }
        let error = await failure(of: { try await retrying(base).handle([7]) })
        #expect(error as? SheafError == thrown)
        #expect(base.calls.count == 1)
    }

    @Test("A failure of unknown kind is retried")
    func unknownKind() async throws {
        let base = RecordingHandler { _, call in call == 1 ? UnknownFailure() : nil }
        async let done: Void = retrying(base).handle([7])
        await expectSleep(atLeast: .milliseconds(500), atMost: .seconds(1))
        try await done
        #expect(base.handled == [7])
    }

    @Test("A larger batch is not retried")
    func batch() async {
        let base = RecordingHandler { _, _ in Failures.transient }
        let error = await failure(of: { try await retrying(base).handle([1, 2]) })
        #expect(error as? SheafError == Failures.transient)
        #expect(base.calls == [[1, 2]])
    }

    @Test("A cancelled task stops waiting")
    func cancellation() async {
        let base = RecordingHandler { _, _ in Failures.transient }
        let task = Task { [handler = retrying(base)] in try await handler.handle([7]) }
        await clock.waitForSleepers(1)
        task.cancel()
        let error = await failure(of: { try await task.value })
        #expect(error is CancellationError)
        #expect(base.calls.count == 1)
    }
}
