import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Digester of windows outside the store", .timeLimit(.minutes(1)))
struct RelayedDigesterTests {
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

    private func digester(
        _ factory: TestFactory = TestFactory(), windows: Int = 500, pollInterval: Duration = .seconds(86_400),
        wakeUp: WakeUp = WakeUp()
    ) throws -> Digester<RelayedClaims> {
        var limits = DigestOptions()
        limits.pollInterval = pollInterval
        limits.windows = windows
        let catalog = try factory.catalog()
        return Digester(
            RelayedClaims(debouncer: debouncer, store: store),
            composer: Composer(
                catalog: catalog, recipients: store, clock: clock, tracer: nil, logger: Rig.logger),
            commits: DigestCommits(catalog: catalog, store: store, counters: StageCounters(clock: clock)),
            limits: limits, clock: clock, wakeUp: wakeUp, logger: Rig.logger)
    }

    /// Stores an event for each recipient in a window that closes after `length`.
    private func wait(
        _ recipients: ClosedRange<RecipientID> = 1...1, length: Duration = .zero, type: TestType = .tumbling
    ) async throws {
        let events = recipients.map { recipient in
            samples.event(recipient: recipient, type: type.code, payload: #"{"text":"\#(recipient)"}"#)
        }
        _ = try await memory.transaction("test") { try $0.accept(Samples.admitted(events, as: .relayed)) }
        let policy = WindowPolicy(length: length)
        _ = try await debouncer.add(events.map { DebounceEntry(event: $0.id, key: $0.windowKey, policy: policy) })
    }

    private func newEvents() async throws -> Int { try await memory.statistics().newEvents }

    @Test("It sleeps until the window is due, and wakes early when signalled")
    func sleepsUntilDue() async throws {
        let wakeUp = WakeUp()
        try await wait(length: .seconds(3000))
        let task = Task { [digester = try digester(wakeUp: wakeUp)] in try await digester.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        #expect(debouncer.claims == 1)
        try await wait(2...2)
        wakeUp.notify()
        try await until("the other window is digested") { try await newEvents() == 1 }
        clock.advance(by: .seconds(3000))
        try await until("the window is digested") { try await newEvents() == 0 }
        try await until("its claim has ended") { debouncer.held == 0 }
    }

    @Test("Leases of windows whose composition takes long are renewed")
    func leases() async throws {
        let gate = WakeUp()
        let factory = TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
        try await wait()
        let task = Task { [digester = try digester(factory)] in try await digester.run() }
        defer { task.cancel() }
        try await until("it is being worded") { factory.calls.count == 1 }
        for _ in 0..<12 {
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(10))
            for _ in 0..<50 { await Task.yield() }
            try await until("it sleeps again") { clock.sleepers >= 2 }
        }
        #expect(try await debouncer.claim(windows: 10, events: 10, lease: .seconds(1)).claims.isEmpty)
        gate.notify()
        try await until("it is digested") { try await newEvents() == 0 }
        #expect(factory.calls.count == 1)
    }

    @Test("If its windows cannot be acknowledged it fails and releases its claims")
    func acknowledgementFails() async throws {
        try await wait(1...3)
        debouncer.setAcknowledgingDown(true)
        let digester = try digester()
        await #expect(throws: Failures.infrastructure) { try await digester.run() }
        #expect(debouncer.held == 0)
    }

    @Test("If the events cannot be read it fails and releases its claims")
    func readingFails() async throws {
        try await wait(1...3)
        store.fail(["unassignedEvents"])
        let failing = try digester()
        await #expect(throws: Failures.infrastructure) { try await failing.run() }
        // Nobody must wait until the leases end.
        #expect(debouncer.held == 0)
        store.fail([])
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        try await until("they are digested") { try await newEvents() == 0 }
    }

    @Test("Windows of a slow type move into the store when its budget is used up, and delay no others")
    func stuckType() async throws {
        let gate = WakeUp()
        let factory = TestFactory { texts, _ in
            if Int(texts[0]) ?? 0 <= 20 { await gate.wait(after: 0) }
            return nil
        }
        try await wait(1...20, type: .small)
        try await wait(21...40)
        let digester = try digester(factory, windows: 8, pollInterval: .seconds(1))
        let task = Task { try await digester.run() }
        defer { task.cancel() }
        try await until("its budget is used up") { factory.calls.count == 8 }
        await clock.waitForSleepers(2)
        // Its service may still turn out to be fast.
        clock.advance(by: .milliseconds(999))
        for _ in 0..<200 { await Task.yield() }
        #expect(debouncer.held == 8 && factory.calls.count == 8)
        clock.advance(by: .milliseconds(1))
        try await until("the other type's windows are digested") { try await newEvents() == 20 }
        try await until("their claims have ended") { debouncer.held == 8 }
        #expect(factory.calls.joined().count { Int($0) ?? 0 <= 20 } == 8)
        let moved = try await memory.claim(ClaimLimits(windows: 50, events: 50), lease: .seconds(30)).claims
        #expect(moved.count == 12 && moved.allSatisfy { $0.attempt == 1 && !$0.isAlone })
        gate.notify()
        try await until("those that were claimed are digested") { debouncer.held == 0 }
        #expect(try await newEvents() == 12)
    }

    @Test("Windows of a fast type stay outside the store, however many are due")
    func quickType() async throws {
        try await wait(1...100)
        let task = Task { [digester = try digester(windows: 8, pollInterval: .seconds(1))] in try await digester.run() }
        defer { task.cancel() }
        try await until("all are digested") { try await newEvents() == 0 }
        #expect(try await memory.newestNotifications(limit: 1000).count == 100)
        #expect(clock.now == TestClock.start)
    }
}
