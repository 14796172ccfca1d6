import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

/// The outbox as the queue: a message ends in the transaction that records its attempt.
@Suite("Delivering from the outbox", .timeLimit(.minutes(1)))
struct OutboxDeliveryTests {
    private let clock = TestClock()
    private let memory: MemoryStore
    private let store: FaultyStore
    private let samples = Samples()

    init() {
        memory = MemoryStore(clock: clock)
        store = FaultyStore(memory)
    }

    private func handler(
        _ gateway: any Gateway, _ outbox: any OutboxConsumer, maxAttempts: Int = 3
    ) throws -> NotificationSendHandler {
        NotificationSendHandler(
            catalog: try TestFactory().catalog(), store: store, gateway: gateway,
            counters: StageCounters(clock: clock), outbox: outbox, maxAttempts: maxAttempts, slots: Slots(32),
            logger: Rig.logger)
    }

    private func notifications(_ count: Int = 1) async throws -> [NotificationID] {
        let events = (1...count).map { samples.event(recipient: RecipientID($0)) }
        let digests = events.map { samples.digest([$0]) }
        try await memory.transaction("test") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.digest(digests)
        }
        return digests.map(\.id)
    }

    /// All durable messages, including delayed ones.
    private func messages(in store: MemoryStore) async throws -> [QueueMessage] {
        let recovered = MemoryStore(recovering: store)
        clock.advance(by: .seconds(3600))
        guard try await recovered.statistics().backlog[.notificationSend] != 0 else { return [] }
        return try await recovered.outboxConsumer(of: .notificationSend).receive(limit: 100).map(\.message)
    }

    @Test("The message of a delivered notification ends with the recording of its attempt")
    func delivered() async throws {
        let id = try await notifications()[0]
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        try await handler(RecordingGateway(), outbox).handle(outbox.receive(limit: 10))
        #expect(try await memory.attempts(of: id).count == 1)
        #expect(try await messages(in: memory).isEmpty)
    }

    @Test(
        "If recording fails at its commit, nothing is stored and the message is delivered again",
        arguments: [false, true])
    func recordFails(killed: Bool) async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway(otherwise: .failed(httpStatus: 503, error: "busy", after: nil))
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        let received = try await outbox.receive(limit: 10)
        store.failAtTheEnd(["record_delivery"])
        let handler = try handler(gateway, outbox)
        await #expect(throws: Failures.infrastructure) { try await handler.handle(received) }
        #expect(try await memory.attempts(of: id).isEmpty)
        #expect(try await memory.notifications([id]).map(\.attempts) == [0])
        store.failAtTheEnd([])
        if killed {
            #expect(try await messages(in: memory) == received.map(\.message))
        } else {
            await outbox.nack(received)
            let again = try await outbox.receive(limit: 10)
            #expect(again == received)
            try await handler.handle(again)
            #expect(try await memory.attempts(of: id).map(\.outcome) == [.retry])
            let next = try await messages(in: memory)
            #expect(next.map(\.body) == [.notification(id)] && next.map(\.attempt) == [1])
        }
    }

    @Test("A notification has one message however often it is retried, and none when it has failed")
    func oneChain() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway(otherwise: .failed(httpStatus: 503, error: "busy", after: nil))
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        let handler = try handler(gateway, outbox, maxAttempts: 5)
        for attempt in 0..<5 {
            clock.advance(by: .seconds(3600))
            let received = try await outbox.receive(limit: 10)
            #expect(received.map(\.message.attempt) == [attempt])
            try await handler.handle(received)
            // A worker whose batch failed elsewhere hands back the whole batch, including messages that have ended.
            await outbox.nack(received)
        }
        #expect(try await messages(in: memory).isEmpty)
        #expect(try await memory.attempts(of: id).map(\.number) == [1, 2, 3, 4, 5])
        #expect(try await memory.deadLetters(after: nil, limit: 10).map(\.body) == [.notification(id)])
    }

    @Test("Messages of notifications that are not pending or were erased end without an attempt")
    func nothingToSend() async throws {
        let ids = try await notifications(3)
        let attempt = Samples.attempt(1, at: clock.now, .delivered)
        _ = try await memory.transaction("test") { transaction in
            try transaction.record([DeliveryRecord(notification: ids[0], attempt: attempt)])
        }
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        let received = try await outbox.receive(limit: 10)
        _ = try await memory.transaction("test") { try $0.erase(recipient: 2, limit: 100) }
        let gateway = RecordingGateway()
        try await handler(gateway, outbox).handle(received)
        #expect(gateway.requests.map(\.notification.id) == [ids[2]])
        #expect(try await messages(in: memory).isEmpty)
    }

    @Test("Two messages of a notification end together")
    func twice() async throws {
        let id = try await notifications()[0]
        try await memory.transaction("test") {
            try $0.publish([QueueMessage(key: 1, body: .notification(id), attempt: 1)])
        }
        let gateway = RecordingGateway(otherwise: .failed(httpStatus: 503, error: "busy", after: nil))
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        try await handler(gateway, outbox, maxAttempts: 10).handle(outbox.receive(limit: 10))
        #expect(gateway.counts == [id: 1])
        #expect(try await messages(in: memory).map(\.attempt) == [2])
    }

    @Test("The message of a dead-lettered notification ends with the letter")
    func givenUp() async throws {
        let id = try await notifications()[0]
        let outbox = try await memory.outboxConsumer(of: .notificationSend)
        let received = try await outbox.receive(limit: 10)
        try await handler(RecordingGateway(), outbox).deadLetter(received[0], because: Failures.permanent)
        #expect(try await memory.deadLetters(after: nil, limit: 10).map(\.body) == [.notification(id)])
        #expect(try await messages(in: memory).isEmpty)
    }

    @Test("A process that is killed between two attempts continues where it stopped")
    func killed() async throws {
        let failures = [GatewayOutcome](repeating: .failed(httpStatus: 503, error: "busy", after: nil), count: 3)
        var rig = try await Rig(gateway: RecordingGateway(failures))
        try await rig.send(.immediate, "a")
        for attempts in 1...3 {
            try await rig.running {
                try await until("it was tried") {
                    rig.clock.advance(by: .milliseconds(50))
                    return try await rig.notifications().first?.attempts == attempts
                }
            }
            rig = try await rig.restarted()
        }
        try await rig.running { try await rig.pass(.seconds(60)) }
        #expect(try await rig.notifications().map(\.status) == [.delivered])
        #expect(try await rig.notifications().map(\.attempts) == [4])
        #expect(rig.gateway.requests.count == 4)
    }
}
