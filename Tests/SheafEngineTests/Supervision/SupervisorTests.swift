import ServiceLifecycle
import ServiceLifecycleTestKit
import SheafCore
import SheafEngine
import SheafTesting
import Synchronization
import Testing

@Suite("Supervisor", .timeLimit(.minutes(1)))
struct SupervisorTests {
    private let clock = TestClock()
    private let starts = Counter()

    private func supervisor(
        budget: Int = 20, _ body: @escaping @Sendable (_ start: Int) async throws -> Void
    ) -> Supervisor {
        Supervisor(
            "test", policy: RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(30)),
            budget: budget, clock: clock, logger: Rig.logger
        ) { [starts] in try await body(starts.increment()) }
    }

    @Test("A failed consumer restarts after growing waits")
    func growingWaits() async throws {
        let supervisor = supervisor { start in if start <= 4 { throw Failures.transient } }
        async let done: Void = supervisor.run()
        for ceiling in [100, 200, 400, 800] {
            await clock.waitForSleepers(1)
            clock.advance(by: .milliseconds(ceiling / 2) - .microseconds(1))
            #expect(clock.sleepers == 1)
            clock.advance(by: .milliseconds(ceiling - ceiling / 2) + .microseconds(1))
            #expect(clock.sleepers == 0)
        }
        try await done
        #expect(starts.value == 5)
    }

    @Test("When the budget of a minute is used up, each restart waits for the policy's longest wait")
    func budget() async throws {
        let supervisor = supervisor(budget: 3) { start in if start <= 4 { throw Failures.transient } }
        async let done: Void = supervisor.run()
        for _ in 1...3 {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(1))
        }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(30) - .microseconds(1))
        #expect(clock.sleepers == 1)
        clock.advance(by: .microseconds(1))
        try await done
    }

    @Test("The failure is reported while it waits, and not while it runs")
    func failureText() async throws {
        let gate = WakeUp()
        let supervisor = supervisor { start in
            if start == 1 { throw Failures.infrastructure }
            await gate.wait(after: 0)
        }
        #expect(supervisor.failure == nil)
        async let done: Void = supervisor.run()
        await clock.waitForSleepers(1)
        #expect(supervisor.failure == Failures.infrastructure.description)
        clock.advance(by: .seconds(1))
        try await until("it runs") { starts.value == 2 }
        #expect(supervisor.failure == nil)
        gate.notify()
        try await done
    }

    @Test("A failure that is not Sheaf's own is reported by its type only, which holds no secret")
    func foreignFailure() async throws {
        struct Secret: Error { let password = "hunter2" }
        let supervisor = supervisor { start in if start == 1 { throw Secret() } }
        async let done: Void = supervisor.run()
        await clock.waitForSleepers(1)
        #expect(supervisor.failure == "Secret")
        clock.advance(by: .seconds(1))
        try await done
    }

    @Test("A graceful shutdown ends the wait, and the consumer does not start again")
    func gracefulShutdown() async throws {
        let supervisor = supervisor { _ in throw Failures.transient }
        try await testGracefulShutdown { trigger in
            async let done: Void = supervisor.run()
            await clock.waitForSleepers(1)
            trigger.triggerGracefulShutdown()
            try await done
        }
        #expect(starts.value == 1)
    }

    @Test("A consumer that returns is not restarted")
    func returns() async throws {
        try await supervisor { _ in }.run()
        #expect(starts.value == 1)
    }

    @Test("Cancellation ends it", arguments: [true, false])
    func cancellation(whileWaiting: Bool) async throws {
        let clock = clock
        let supervisor = supervisor { _ in
            if whileWaiting { throw Failures.transient }
            try await clock.sleep(for: .seconds(1000))
        }
        let task = Task { try await supervisor.run() }
        await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(starts.value == 1)
    }

    @Test("One consumer that keeps failing does not stop another")
    func independence() async throws {
        let other = Counter()
        let clock = clock
        let failing = supervisor { _ in throw Failures.infrastructure }
        let working = Supervisor("other", clock: clock, logger: Rig.logger) {
            while true {
                try await clock.sleep(for: .seconds(1))
                _ = other.increment()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await failing.run() }
            group.addTask { try? await working.run() }
            for turn in 1...5 {
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(30))
                try await until("both went on") { other.value == turn && starts.value == turn + 1 }
            }
            group.cancelAll()
        }
    }
}

private final class Counter: Sendable {
    private let state = Mutex(0)

    var value: Int { state.withLock { $0 } }

    func increment() -> Int {
        state.withLock { value in
            value += 1
            return value
        }
    }
}
