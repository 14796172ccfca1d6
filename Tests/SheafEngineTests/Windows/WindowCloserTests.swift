import ServiceLifecycle
import ServiceLifecycleTestKit
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("WindowCloser", .timeLimit(.minutes(1)))
struct WindowCloserTests {
    private let clock = TestClock()
    private let memory: MemoryStore
    private let store: FaultyStore
    private let debouncer: ObservedDebouncer
    private let samples = Samples()

    init() {
        memory = MemoryStore(clock: clock)
        store = FaultyStore(memory)
        debouncer = ObservedDebouncer(clock: clock)
    }

    private func closer(
        _ factory: TestFactory = TestFactory(), windows: Int = 500, events: Int = 10_000,
        patience: Duration = .seconds(86_400)
    ) throws -> WindowCloser {
        let composer = Composer(
            catalog: try factory.catalog(), store: store, clock: clock, counters: StageCounters(clock: clock),
            logger: Rig.logger)
        var limits = WindowCloser.Limits()
        limits.patience = patience
        limits.windows = windows
        limits.events = events
        return WindowCloser(
            debouncer: debouncer, store: store, composer: composer, clock: clock, limits: limits, logger: Rig.logger)
    }

    /// Stores an event for each recipient, and has it wait for `length`.
    private func wait(_ recipients: ClosedRange<RecipientID> = 1...1, length: Duration = .seconds(60)) async throws {
        let events = recipients.map { recipient in
            samples.event(recipient: recipient, type: TestType.tumbling.code, payload: #"{"text":"\#(recipient)"}"#)
        }
        _ = try await memory.transaction("test") { try $0.append(events) }
        let policy = WindowPolicy(length: length)
        _ = try await debouncer.add(events.map { DebounceEntry(event: $0.id, key: $0.windowKey, policy: policy) })
    }

    private func newEvents() async throws -> Int { try await memory.statistics().newEvents }

    @Test("It sleeps until the window is due, and does not look every so often")
    func sleepsUntilDue() async throws {
        try await wait(length: .seconds(3000))
        let task = Task { [closer = try closer()] in try await closer.run() }
        defer { task.cancel() }
        // One sleep until the window is due, one until the leases are prolonged.
        await clock.waitForSleepers(2)
        #expect(debouncer.claims == 1)
        for _ in 0..<3599 {
            clock.advance(by: .seconds(1))
            if clock.now - TestClock.start == .seconds(3000) {
                try await until("the window is bound") { try await newEvents() == 0 }
            }
            await Task.yield()
        }
        // The first look, the one that found the window, and those around it; an hour has 7200 half seconds.
        #expect(debouncer.claims <= 6)
    }

    @Test("It looks again after its patience, since another process may have opened a window")
    func patience() async throws {
        let task = Task { [closer = try closer(patience: .seconds(2))] in try await closer.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        try await wait(length: .zero)
        #expect(try await newEvents() == 1)
        clock.advance(by: .seconds(2))
        try await until("the window is bound") { try await newEvents() == 0 }
    }

    @Test("Woken, it looks at once")
    func wake() async throws {
        let closer = try closer()
        let task = Task { try await closer.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        try await wait(length: .zero)
        closer.wake()
        try await until("the window is bound") { try await newEvents() == 0 }
        #expect(clock.now == TestClock.start)
    }

    @Test("It binds windows side by side: one that takes long holds up no other")
    func sideBySide() async throws {
        let gate = WakeUp()
        let factory = TestFactory { texts, _ in
            if texts == ["1"] { await gate.wait(after: 0) }
            return nil
        }
        try await wait(1...50, length: .zero)
        let task = Task { [closer = try closer(factory)] in try await closer.run() }
        defer { task.cancel() }
        try await until("the others are bound") { try await newEvents() == 1 }
        gate.notify()
        try await until("all are bound") { try await newEvents() == 0 }
    }

    /// Stores `count` events for each recipient, which wait in one window that is due.
    private func fill(_ recipients: ClosedRange<RecipientID>, with count: Int) async throws {
        let events = recipients.flatMap { recipient in
            (0..<count).map { _ in
                samples.event(recipient: recipient, type: TestType.tumbling.code, payload: #"{"text":"a"}"#)
            }
        }
        _ = try await memory.transaction("test") { try $0.append(events) }
        let policy = WindowPolicy(length: .seconds(60), maxEvents: count)
        _ = try await debouncer.add(events.map { DebounceEntry(event: $0.id, key: $0.windowKey, policy: policy) })
    }

    @Test("No more events are in hand than the limit allows, less those of one window, and all get their turn")
    func eventLimit() async throws {
        let gate = WakeUp()
        let factory = TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
        try await fill(1...40, with: 10)
        let task = Task { [closer = try closer(factory, events: 55)] in try await closer.run() }
        defer { task.cancel() }
        try await until("windows are claimed") { debouncer.held >= 6 }
        for _ in 0..<200 { await Task.yield() }
        #expect(debouncer.held == 6)
        gate.notify()
        try await until("all are bound") { try await newEvents() == 0 }
        #expect(debouncer.mostHeldEvents < 55 + 10)
    }

    @Test("A window with more events than the limit gets its turn, too")
    func hugeWindow() async throws {
        try await fill(1...3, with: 100)
        let task = Task { [closer = try closer(events: 20)] in try await closer.run() }
        defer { task.cancel() }
        try await until("all are bound") { try await newEvents() == 0 }
        #expect(debouncer.mostHeldEvents == 100)
    }

    @Test("No more windows are in hand than the limit allows, and all get their turn")
    func limit() async throws {
        let gate = WakeUp()
        let factory = TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
        try await wait(1...50, length: .zero)
        let task = Task { [closer = try closer(factory, windows: 8)] in try await closer.run() }
        defer { task.cancel() }
        try await until("windows are claimed") { debouncer.held >= 8 }
        for _ in 0..<200 { await Task.yield() }
        #expect(debouncer.held == 8)
        gate.notify()
        try await until("all are bound") { try await newEvents() == 0 }
    }

    @Test("On graceful shutdown it finishes the windows it has claimed, and claims no more")
    func gracefulShutdown() async throws {
        let gate = WakeUp()
        let factory = TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
        try await wait(1...2, length: .zero)
        try await wait(3...3, length: .seconds(60))
        let closer = try closer(factory)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await closer.run() }
                try await until("both are being worded") { factory.calls.count == 2 }
                trigger.triggerGracefulShutdown()
                clock.advance(by: .seconds(5))
                gate.notify()
                try await group.waitForAll()
            }
        }
        #expect(try await newEvents() == 1)
        #expect(debouncer.held == 0)
    }

    @Test("Leases of windows whose wording takes long are prolonged")
    func leases() async throws {
        let gate = WakeUp()
        let factory = TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
        try await wait(length: .zero)
        let task = Task { [closer = try closer(factory)] in try await closer.run() }
        defer { task.cancel() }
        try await until("it is being worded") { factory.calls.count == 1 }
        for _ in 0..<12 {
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(10))
            for _ in 0..<50 { await Task.yield() }
            try await until("it sleeps again") { clock.sleepers >= 2 }
        }
        // Two minutes are over, and nobody else could claim it.
        #expect(try await debouncer.claim(windows: 10, events: 10, lease: .seconds(1)).claims.isEmpty)
        gate.notify()
        try await until("it is bound") { try await newEvents() == 0 }
        #expect(factory.calls.count == 1)
    }

    @Test("Where its windows cannot be acknowledged it fails, and lets go of what it held")
    func acknowledgementFails() async throws {
        try await wait(1...3, length: .zero)
        debouncer.setAcknowledgingDown(true)
        let closer = try closer()
        await #expect(throws: Failures.infrastructure) { try await closer.run() }
        #expect(debouncer.held == 0)
    }

    @Test("Where the store cannot be asked for the events it fails, and lets go of what it claimed")
    func readingFails() async throws {
        try await wait(1...3, length: .zero)
        store.fail(["newEvents"])
        let failing = try closer()
        await #expect(throws: Failures.infrastructure) { try await failing.run() }
        // Nobody has to wait for the leases to end.
        #expect(debouncer.held == 0)
        store.fail([])
        let task = Task { [closer = try closer()] in try await closer.run() }
        defer { task.cancel() }
        try await until("they are bound") { try await newEvents() == 0 }
    }
}
