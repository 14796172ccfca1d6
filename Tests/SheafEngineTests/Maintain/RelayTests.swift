import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Relay", .timeLimit(.minutes(1)))
struct RelayTests {
    private let clock = TestClock()
    private let store: MemoryStore
    private let queue: FlakyQueue
    private let samples = Samples()

    init() {
        store = MemoryStore(clock: clock)
        queue = FlakyQueue(clock: clock)
    }

    private func worker() async throws -> QueueWorker<RelayHandler> {
        QueueWorker(
            try await store.outboxConsumer(of: .eventOccurred), topic: .eventOccurred, handler: RelayHandler(to: queue))
    }

    private func publish(_ messages: [QueueMessage]) async throws {
        try await store.transaction("test") { try $0.publish(messages) }
    }

    private func message(attempt: Int = 0, delay: Duration = .zero) -> QueueMessage {
        QueueMessage(key: 1, body: .event(samples.eventID()), attempt: attempt, delay: delay)
    }

    private var backlog: Int {
        get async throws { try await store.statistics().backlog[.eventOccurred] ?? 0 }
    }

    @Test("Messages arrive at the queue in order, with their attempts, and leave the outbox")
    func arrive() async throws {
        let messages = [message(), message(attempt: 3), message()]
        try await publish(messages)
        let task = Task { [worker = try await worker()] in try await worker.run() }
        defer { task.cancel() }
        let received = try await queue.consumer(of: .eventOccurred).receive(limit: 10)
        #expect(received.map(\.message.body) == messages.map(\.body))
        #expect(received.map(\.message.attempt) == [0, 3, 0])
        try await until("they leave the outbox") { try await backlog == 0 }
    }

    @Test("A delayed message arrives when it is due, and is not delayed again")
    func delayed() async throws {
        try await publish([message(delay: .seconds(30))])
        let task = Task { [worker = try await worker()] in try await worker.run() }
        defer { task.cancel() }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(29))
        for _ in 0..<50 { await Task.yield() }
        #expect(queue.published.isEmpty)
        #expect(try await backlog == 0)
        clock.advance(by: .seconds(1))
        try await until("it is published") { queue.published.count == 1 }
        #expect(queue.published.map(\.delay) == [.zero])
    }

    @Test("A message stays in the outbox until the queue has accepted it")
    func acknowledgedAfterPublishing() async throws {
        try await publish([message()])
        queue.holdBack()
        let task = Task { [worker = try await worker()] in try await worker.run() }
        defer { task.cancel() }
        try await until("it is being published") { queue.attempts == 1 }
        #expect(try await backlog == 1)
        queue.gate.notify()
        try await until("it leaves the outbox") { try await backlog == 0 }
        #expect(queue.published.count == 1)
    }

    @Test("If publishing fails the worker fails too, and nothing is lost")
    func publishingFails() async throws {
        let messages = [message(), message()]
        try await publish(messages)
        queue.setDown(true)
        let worker = try await worker()
        await #expect(throws: Failures.infrastructure) { try await worker.run() }
        #expect(try await backlog == 2)
        queue.setDown(false)
        let task = Task { try await worker.run() }
        defer { task.cancel() }
        try await until("they leave the outbox") { try await backlog == 0 }
        #expect(queue.published.map(\.body) == messages.map(\.body))
    }

    @Test("An engine with a queue moves events through it to their end", arguments: WindowLocation.all)
    func engineWithQueue(place: WindowLocation) async throws {
        let gateway = RecordingGateway()
        let engine = try await Engine(
            Engine.Ports(
                catalog: try TestFactory().catalog(), store: store,
                debouncer: place == .relayed ? MemoryDebouncer(clock: clock) : nil, queue: queue, gateway: gateway,
                clock: clock), logger: Rig.logger)
        let task = Task { try await engine.run() }
        defer { task.cancel() }
        let event = IncomingEvent(source: "test", type: "immediate", recipient: 1, data: #"{"text":"a"}"#)
        _ = try await engine.ingest.submit([.success(event)], source: "test")
        try await until("it is delivered") { gateway.requests.count == 1 }
        #expect(
            queue.published.map(\.topic)
                == (place == .relayed ? [.eventOccurred, .notificationSend] : [.notificationSend]))
    }
}
