import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Digester", .timeLimit(.minutes(1)))
struct DigesterTests {
    private let clock = TestClock()
    private let memory: MemoryStore
    private let store: FaultyStore
    private let samples = Samples()

    init() {
        memory = MemoryStore(clock: clock)
        store = FaultyStore(memory)
    }

    private func digester(
        _ factory: TestFactory = TestFactory(), windows: Int = 500, events: Int = 10_000,
        pollInterval: Duration = .seconds(86_400), logger: Logger = Rig.logger
    ) throws -> Digester<StoreClaims> {
        var limits = DigestOptions()
        limits.pollInterval = pollInterval
        limits.windows = windows
        limits.events = events
        let catalog = try factory.catalog()
        return Digester(
            StoreClaims(store: store),
            composer: Composer(
                catalog: catalog, recipients: store, clock: clock, tracer: nil, logger: logger),
            commits: DigestCommits(catalog: catalog, store: store, counters: StageCounters(clock: clock)),
            limits: limits, clock: clock, wakeUp: store.windowsChanged, logger: logger)
    }

    /// Accepts `count` events for each recipient, in windows that close after `length` or when all events are there.
    private func wait(
        _ recipients: ClosedRange<RecipientID> = 1...1, count: Int = 1, length: Duration = .seconds(60),
        type: TestType = .tumbling
    ) async throws {
        let policy = WindowPolicy(length: length, maxEvents: count > 1 ? count : 10_000)
        let events = recipients.flatMap { recipient in
            (0..<count).map { _ in
                samples.event(recipient: recipient, type: type.code, payload: #"{"text":"\#(recipient)"}"#)
            }
        }
        _ = try await memory.transaction("test") { try $0.accept(Samples.admitted(events, as: .window(policy))) }
    }

    private func newEvents() async throws -> Int { try await memory.statistics().newEvents }

    /// A factory whose compositions wait until the gate is opened.
    private func gated(_ gate: WakeUp) -> TestFactory {
        TestFactory { _, _ in
            await gate.wait(after: 0)
            return nil
        }
    }

    @Test("It sleeps until the window is due, without polling in between")
    func sleepsUntilDue() async throws {
        try await wait(length: .seconds(3000))
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        // One sleep until the window is due, one until leases are renewed.
        await clock.waitForSleepers(2)
        #expect(store.claims == 1)
        for _ in 0..<3599 {
            clock.advance(by: .seconds(1))
            if clock.now - TestClock.start == .seconds(3000) {
                try await until("the window is digested") { try await newEvents() == 0 }
            }
            await Task.yield()
        }
        // The first claim, the one that found the window, and those next to it; an hour has 7200 half seconds.
        #expect(store.claims <= 6)
    }

    @Test("It claims again after its poll interval, since another process may have opened a window")
    func pollInterval() async throws {
        let task = Task { [digester = try digester(pollInterval: .seconds(2))] in try await digester.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        #expect(store.claims == 1)
        clock.advance(by: .seconds(2) - .microseconds(1))
        for _ in 0..<50 { await Task.yield() }
        #expect(store.claims == 1)
        clock.advance(by: .microseconds(1))
        try await until("it looks again") { store.claims == 2 }
    }

    @Test("A window that opens and is due wakes it at once")
    func wake() async throws {
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        try await wait(length: .zero)
        try await until("the window is digested") { try await newEvents() == 0 }
        #expect(clock.now == TestClock.start)
    }

    @Test("It wakes early for a flushed window and for a full one")
    func wakesEarly() async throws {
        try await wait(1...2)
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(2)
        let key = Samples.key(recipient: 1, type: TestType.tumbling.code)
        #expect(try await store.flush(key))
        try await until("the flushed window is digested") { try await newEvents() == 1 }
        try await wait(3...3, count: 5)
        try await until("the full window is digested") { try await newEvents() == 1 }
        #expect(clock.now == TestClock.start)
    }

    @Test("All due windows are claimed at once")
    func oneGo() async throws {
        let gate = WakeUp()
        let factory = gated(gate)
        try await wait(1...50, length: .zero)
        let task = Task { [digester = try digester(factory)] in try await digester.run() }
        defer { task.cancel() }
        try await until("all are being worded") { factory.calls.count == 50 }
        #expect(store.claims <= 2 && store.inFlight == 50)
        gate.notify()
        try await until("all are digested") { try await newEvents() == 0 }
    }

    @Test("It digests windows concurrently: a slow one delays no other")
    func sideBySide() async throws {
        let gate = WakeUp()
        let factory = TestFactory { texts, _ in
            if texts == ["1"] { await gate.wait(after: 0) }
            return nil
        }
        try await wait(1...50, length: .zero)
        let task = Task { [digester = try digester(factory)] in try await digester.run() }
        defer { task.cancel() }
        try await until("the others are digested") { try await newEvents() == 1 }
        gate.notify()
        try await until("all are digested") { try await newEvents() == 0 }
    }

    @Test("A slow type delays no other")
    func typeByType() async throws {
        let gate = WakeUp()
        let factory = TestFactory { texts, _ in
            if texts == ["1"] { await gate.wait(after: 0) }
            return nil
        }
        for _ in 0..<20 { try await wait(1...1, length: .zero, type: .small) }
        try await wait(2...51, length: .zero)
        let task = Task { [digester = try digester(factory, windows: 8)] in try await digester.run() }
        defer { task.cancel() }
        try await until("the other type's windows are digested") { try await newEvents() == 20 }
        for _ in 0..<200 { await Task.yield() }
        #expect(factory.calls.count { $0 == ["1"] } <= 8)
        try await wait(60...60, length: .zero)
        try await until("so is one that comes later") { try await newEvents() == 20 }
        gate.notify()
        try await until("all are digested") { try await newEvents() == 0 }
    }

    @Test(
        "Claims of a type exceed the limit of events by at most one window, and all windows get their turn")
    func eventLimit() async throws {
        let gate = WakeUp()
        try await wait(1...40, count: 10)
        let task = Task { [digester = try digester(gated(gate), events: 55)] in try await digester.run() }
        defer { task.cancel() }
        try await until("windows are claimed") { store.inFlight >= 6 }
        for _ in 0..<200 { await Task.yield() }
        #expect(store.inFlight == 6)
        gate.notify()
        try await until("all are digested") { try await newEvents() == 0 }
        #expect(store.mostEvents < 55 + 10)
    }

    @Test("A window with more events than the limit also gets its turn")
    func hugeWindow() async throws {
        try await wait(1...3, count: 100)
        let task = Task { [digester = try digester(events: 20)] in try await digester.run() }
        defer { task.cancel() }
        try await until("all are digested") { try await newEvents() == 0 }
        #expect(store.mostEvents == 100)
    }

    @Test("Claims of a type keep to the limit of windows, and all windows get their turn", arguments: [1, 2, 8])
    func limit(windows: Int) async throws {
        let gate = WakeUp()
        try await wait(1...50, length: .zero)
        let task = Task { [digester = try digester(gated(gate), windows: windows)] in try await digester.run() }
        defer { task.cancel() }
        try await until("windows are claimed") { store.inFlight >= windows }
        for _ in 0..<200 { await Task.yield() }
        #expect(store.inFlight == windows)
        gate.notify()
        try await until("all are digested") { try await newEvents() == 0 }
        #expect(store.mostEvents == windows)
    }

    @Test("On graceful shutdown it finishes the windows it has claimed, and claims no more")
    func gracefulShutdown() async throws {
        let gate = WakeUp()
        let factory = gated(gate)
        try await wait(1...2, length: .zero)
        try await wait(3...3, length: .seconds(60))
        let digester = try digester(factory)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await digester.run() }
                try await until("both are being worded") { factory.calls.count == 2 }
                trigger.triggerGracefulShutdown()
                clock.advance(by: .seconds(5))
                gate.notify()
                try await group.waitForAll()
            }
        }
        #expect(try await newEvents() == 1)
        #expect(store.inFlight == 0)
    }

    @Test("Leases of windows whose composition takes long are renewed")
    func leases() async throws {
        let gate = WakeUp()
        let factory = gated(gate)
        try await wait(length: .zero)
        let task = Task { [digester = try digester(factory)] in try await digester.run() }
        defer { task.cancel() }
        try await until("it is being worded") { factory.calls.count == 1 }
        for _ in 0..<12 {
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(10))
            for _ in 0..<50 { await Task.yield() }
            try await until("it sleeps again") { clock.sleepers >= 2 }
        }
        // Two minutes have passed, and nobody else could claim it.
        let limits = ClaimLimits(windows: 10, events: 10)
        #expect(try await memory.claim(limits, lease: .seconds(1)).claims.isEmpty)
        gate.notify()
        try await until("it is digested") { try await newEvents() == 0 }
        #expect(factory.calls.count == 1)
    }

    @Test("If digests cannot be stored it fails and hands its claims back", arguments: [false, true])
    func storingFails(atTheEnd: Bool) async throws {
        try await wait(1...3, length: .zero)
        if atTheEnd { store.failAtTheEnd(["digest"]) } else { store.fail(["digest"]) }
        let failing = try digester()
        await #expect(throws: Failures.infrastructure) { try await failing.run() }
        // Nobody must wait until the leases end, and the attempts do not count.
        #expect(store.inFlight == 0)
        store.fail([])
        store.failAtTheEnd([])
        let claims = try await memory.claim(ClaimLimits(windows: 10, events: 10), lease: .zero).claims
        #expect(claims.count == 3 && claims.allSatisfy { $0.attempt == 1 })
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        try await until("they are digested") { try await newEvents() == 0 }
    }

    @Test("If a window cannot be postponed it fails and hands the window back")
    func waitingFails() async throws {
        try await wait(length: .zero)
        store.fail(["postpone"])
        let failing = try digester(TestFactory { _, _ in throw Failures.transient })
        await #expect(throws: Failures.infrastructure) { try await failing.run() }
        #expect(store.inFlight == 0)
        #expect(try await memory.claim(ClaimLimits(windows: 1, events: 1), lease: .zero).claims.count == 1)
    }

    @Test("If windows cannot be claimed it fails, and finishes or hands back earlier claims")
    func claimingFails() async throws {
        store.fail(["claim"])
        try await wait(length: .zero)
        let failing = try digester()
        await #expect(throws: Failures.infrastructure) { try await failing.run() }
        #expect(store.inFlight == 0)
    }

    @Test("A window that changed since it was read is read again at once")
    func changed() async throws {
        try await wait(length: .zero)
        store.misread(claims: 1)
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        try await until("it is digested") { try await newEvents() == 0 }
        #expect(store.postponements.isEmpty && clock.now == TestClock.start)
    }

    @Test("A window that changes on every read waits longer each time, and delays no other")
    func contradictory() async throws {
        try await wait(length: .zero)
        store.misread(claims: .max)
        let task = Task { [digester = try digester()] in try await digester.run() }
        defer { task.cancel() }
        for attempt in 1...4 {
            try await until("it waits") { store.postponements.count == attempt }
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(1 << attempt))
        }
        #expect(store.postponements.map(\.claim.attempt) == [1, 2, 3, 4])
        #expect(store.claims < 30)
        store.misread(claims: 0)
        try await until("it is digested") { try await newEvents() == 0 }
    }

    @Test("The log names a waiting window as the API does")
    func log() async throws {
        try await wait(length: .zero)
        let log = RecordingLog { $0.metadata?["window"].map { "\($0)" } }
        let digester = try digester(
            TestFactory { _, _ in throw Failures.transient }, logger: Logger(label: "test") { _ in log })
        let task = Task { try await digester.run() }
        defer { task.cancel() }
        try await until("it waits") { store.postponements.count == 1 }
        #expect(log.texts == [try TestFactory().catalog().current.text(of: Samples.key(recipient: 1))])
        #expect(log.texts.first?.hasPrefix("tumbling:1") == true)
    }

    @Test("When cancelled it hands back the windows in composition, without a wait")
    func cancelled() async throws {
        try await wait(1...3, length: .zero)
        let factory = TestFactory { _, _ in
            try await Task.sleep(for: .seconds(3600))
            return nil
        }
        let digester = try digester(factory)
        let task = Task { try await digester.run() }
        try await until("they are being worded") { factory.calls.count == 3 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(store.postponements.isEmpty && store.inFlight == 0)
        let claims = try await memory.claim(ClaimLimits(windows: 10, events: 10), lease: .zero).claims
        #expect(claims.map(\.attempt) == [1, 1, 1])
    }

    @Test("A window whose claim another worker took over is left to that worker")
    func takenOver() async throws {
        let gate = WakeUp()
        let factory = gated(gate)
        try await wait(length: .zero)
        store.loseRenewals()
        let task = Task { [digester = try digester(factory)] in try await digester.run() }
        defer { task.cancel() }
        try await until("it is being worded") { factory.calls.count == 1 }
        // Its lease expires without a renewal, as in a paused process.
        clock.advance(by: .seconds(31))
        let other = try await memory.claim(ClaimLimits(windows: 1, events: 1), lease: .seconds(30)).claims
        #expect(other.map(\.attempt) == [2])
        gate.notify()
        for _ in 0..<200 { await Task.yield() }
        #expect(try await newEvents() == 1)
        let done = try await memory.transaction("other") { try $0.digest(other.map { samples.digest($0) }) }
        #expect(done.count == 1)
        #expect(try await memory.newestNotifications(limit: 10).count == 1)
    }
}
