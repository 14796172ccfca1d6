import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("Pruner")
struct PrunerTests {
    private let clock = TestClock()
    private let store: MemoryStore

    init() { store = MemoryStore(clock: clock) }

    private func pruner(_ lock: (any DistributedLock)? = nil) -> Pruner {
        var retention = Pruner.Retention()
        retention.events = .seconds(100)
        retention.notifications = .seconds(200)
        retention.deadLetters = .seconds(300)
        return Pruner(store: store, lock: lock, clock: clock, retention: retention)
    }

    /// An event that is notified and delivered now, and a dead letter without a recipient.
    private func leave() async throws -> (event: Event, notification: NotificationID) {
        let samples = Samples(start: clock.now)
        let event = samples.event()
        let digest = samples.digest([event])
        try await store.transaction("test") { transaction in
            _ = try transaction.accept([AdmittedEvent(event, .relayed)])
            _ = try transaction.digest([digest])
            try transaction.record([
                DeliveryRecord(
                    notification: digest.id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
            ])
            try transaction.insert([samples.deadLetter(nil)])
        }
        return (event, digest.id)
    }

    private func isKept(_ left: (event: Event, notification: NotificationID)) async throws -> [Bool] {
        [
            try await store.event(publicID: left.event.publicID) != nil,
            try await !store.notifications([left.notification]).isEmpty,
            try await !store.deadLetters(after: nil, limit: 1).isEmpty,
        ]
    }

    @Test("Each kind is kept for its own retention, and no longer")
    func times() async throws {
        let (left, pruner) = (try await leave(), pruner())
        clock.advance(by: .seconds(100))
        try await pruning(pruner)
        #expect(try await isKept(left) == [true, true, true])
        clock.advance(by: .milliseconds(1))
        try await pruning(pruner)
        #expect(try await isKept(left) == [false, true, true])
        clock.advance(by: .seconds(100))
        try await pruning(pruner)
        #expect(try await isKept(left) == [false, false, true])
        clock.advance(by: .seconds(100))
        try await pruning(pruner)
        #expect(try await isKept(left) == [false, false, false])
    }

    @Test("While it runs it prunes repeatedly")
    func running() async throws {
        let left = try await leave()
        let task = Task { [pruner = pruner(MemoryLock(clock: clock))] in try await pruner.run() }
        defer { task.cancel() }
        for _ in 0..<80 {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(5))
        }
        try await until("what is old is gone") { try await isKept(left) == [false, false, false] }
    }

    @Test("Nothing is removed while another process prunes")
    func alone() async throws {
        let (left, lock) = (try await leave(), MemoryLock(clock: clock))
        clock.advance(by: .seconds(1000))
        #expect(try await lock.acquire("pruner", lease: .seconds(3600)) != nil)
        let task = Task { [pruner = pruner(lock)] in try await pruner.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers(1)
        #expect(try await isKept(left) == [true, true, true])
    }

    /// Prunes once, without the pauses between batches.
    private func pruning(_ pruner: Pruner) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    if clock.sleepers > 0 { clock.advance(by: .milliseconds(1)) }
                    await Task.yield()
                }
            }
            defer { group.cancelAll() }
            try await pruner.prune()
        }
    }
}
