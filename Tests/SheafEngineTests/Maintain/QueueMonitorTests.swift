import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Queue monitor", .timeLimit(.minutes(1)))
struct QueueMonitorTests {
    private let clock = TestClock()
    private let store: MemoryStore
    private let queue: FlakyQueue
    private let samples = Samples()

    init() {
        store = MemoryStore(clock: clock)
        queue = FlakyQueue(clock: clock)
    }

    /// An engine that accepts and relays events, while nobody handles the queue.
    private func engine(maxBacklog: Int) async throws -> Engine {
        var options = Engine.Options()
        options.maxBacklog = maxBacklog
        return try await Engine(
            Engine.Ports(
                catalog: try TestFactory().catalog(), store: store, debouncer: MemoryDebouncer(clock: clock),
                queue: queue, gateway: RecordingGateway(), clock: clock),
            parts: .scheduling, options: options, logger: Rig.logger)
    }

    private func submit(_ count: Int, to engine: Engine) async throws {
        let event = IncomingEvent(source: "test", type: "immediate", recipient: 1, data: #"{"text":"a"}"#)
        _ = try await engine.ingest.submit(Array(repeating: .success(event), count: count), source: "test")
    }

    private func outboxIsEmpty() async throws -> Bool {
        try await store.statistics().backlog[.eventOccurred] == 0
    }

    @Test("The intake refuses events while the queue's backlog is full, and accepts them again afterwards")
    func intake() async throws {
        let engine = try await engine(maxBacklog: 10)
        let task = Task { try await engine.run() }
        defer { task.cancel() }
        try await submit(10, to: engine)
        try await until("they leave the outbox") { try await outboxIsEmpty() }
        try await until("the backlog is seen to be full") {
            clock.advance(by: .seconds(1))
            return await isFull(engine)
        }
        let consumer = try await queue.consumer(of: .eventOccurred)
        for _ in 0..<2 { try await consumer.acknowledge(consumer.receive(limit: 5)) }
        try await until("events are taken again") {
            clock.advance(by: .seconds(1))
            return await !isFull(engine)
        }
    }

    @Test("The intake refuses events while due windows hold as many events as are allowed")
    func dueWindows() async throws {
        var options = Engine.Options()
        options.maxBacklog = 10
        let engine = try await Engine(
            Engine.Ports(catalog: try TestFactory().catalog(), store: store, gateway: RecordingGateway(), clock: clock),
            parts: .databus, options: options, logger: Rig.logger)
        let task = Task { try await engine.run() }
        defer { task.cancel() }
        try await submit(10, to: engine)
        try await until("the backlog is seen to be full") {
            clock.advance(by: .seconds(1))
            return await isFull(engine)
        }
        #expect(try await store.statistics().backlog.values.allSatisfy { $0 == 0 })
        _ = try await store.transaction("erase") { try $0.erase(recipient: 1, limit: 100) }
        try await until("events are taken again") {
            clock.advance(by: .seconds(1))
            return await !isFull(engine)
        }
    }

    /// Whether the intake refuses even an empty batch.
    private func isFull(_ engine: Engine) async -> Bool {
        do {
            _ = try await engine.ingest.submit([], source: "test")
            return false
        } catch { return (error as? SheafError)?.code == .overloaded }
    }

    @Test("The queue's backlog is reported, and stays known while the queue does not respond")
    func figure() async throws {
        let monitor = QueueMonitor(queue, clock: clock, logger: Rig.logger)
        #expect(monitor.backlog == nil)
        try await queue.publish([
            QueueMessage(key: 1, body: .event(samples.eventID())),
            QueueMessage(key: 1, body: .notification(samples.notificationID())),
        ])
        try await monitor.look()
        #expect(monitor.backlog == 2)
        queue.setDown(true)
        await #expect(throws: Failures.infrastructure) { try await monitor.look() }
        #expect(monitor.backlog == 2)
    }

    @Test("A queue that does not respond ends neither the monitor nor the statistics")
    func away() async throws {
        let engine = try await engine(maxBacklog: 10)
        queue.setDown(true)
        let task = Task { try await engine.run() }
        defer { task.cancel() }
        for _ in 0..<20 {
            clock.advance(by: .seconds(1))
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(engine.supervisors.first { $0.name == "queue_monitor" }?.failure == nil)
        try await submit(3, to: engine)
        let operations = Operations(
            store: store, debouncer: MemoryDebouncer(clock: clock), catalog: try TestFactory().catalog(), clock: clock,
            queueBacklog: engine.queueMonitor.map { monitor in { @Sendable in monitor.backlog } })
        // While nothing is known of the queue, the outbox's figure is used.
        #expect(try await operations.statistics().queueBacklog == 3)
        queue.setDown(false)
        try await until("the queue is looked at") {
            clock.advance(by: .seconds(1))
            return engine.queueMonitor?.backlog == 3
        }
        #expect(try await operations.statistics().queueBacklog == 3)
    }
}
