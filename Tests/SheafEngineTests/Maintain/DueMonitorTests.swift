import SheafCore
import SheafMemory
import SheafTesting
import Synchronization
import Testing

@testable import SheafEngine

@Suite("The monitor of due times", .timeLimit(.minutes(1)))
struct DueMonitorTests {
    @Test("It corrects due times at the start, and whenever the clock goes back")
    func bounds() async throws {
        let (clock, samples) = (JumpingClock(), Samples())
        let store = MemoryStore(clock: clock)
        let monitor = DueMonitor(
            store: store, limits: DueLimits(serviceWait: .seconds(60), lease: .seconds(30)), clock: clock,
            logger: Rig.logger)
        func open(_ recipient: RecipientID) async throws {
            let event = AdmittedEvent(
                samples.event(recipient: recipient), .window(WindowPolicy(length: .seconds(5))))
            try await store.transaction("test") { _ = try $0.accept([event]) }
        }
        func lastDue() async throws -> Duration? {
            try await store.openWindows(after: nil, limit: 10).items.map(\.closesAt).max().map { $0 - clock.now }
        }
        clock.isAhead.store(true, ordering: .relaxed)
        try await open(1)
        clock.isAhead.store(false, ordering: .relaxed)
        let task = Task { try await monitor.run() }
        await clock.base.waitForSleepers(1)
        #expect(try await lastDue() == .seconds(5))
        clock.isAhead.store(true, ordering: .relaxed)
        try await open(2)
        clock.base.advance(by: .seconds(1))
        await clock.base.waitForSleepers(1)
        clock.isAhead.store(false, ordering: .relaxed)
        #expect(try await lastDue() == .seconds(3604))
        clock.base.advance(by: .seconds(1))
        await clock.base.waitForSleepers(1)
        #expect(try await lastDue() == .seconds(5))
        task.cancel()
        _ = await task.result
    }
}

/// A clock that can be an hour ahead.
private final class JumpingClock: TimeSource {
    let base = TestClock()
    let isAhead = Atomic<Bool>(false)

    var now: Timestamp { base.now + (isAhead.load(ordering: .relaxed) ? .seconds(3600) : .zero) }

    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}
