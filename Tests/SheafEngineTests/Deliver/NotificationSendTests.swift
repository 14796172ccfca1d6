import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("NotificationSendHandler", .timeLimit(.minutes(1)))
struct NotificationSendTests {
    private let clock = TestClock()
    private let store: MemoryStore
    private let counters: StageCounters
    private let samples = Samples()

    init() {
        store = MemoryStore(clock: clock)
        counters = StageCounters(clock: clock)
    }

    private func handler(_ gateway: any Gateway, maxAttempts: Int = 3, width: Int = 32, slots: Slots? = nil) throws
        -> NotificationSendHandler
    {
        NotificationSendHandler(
            catalog: try TestFactory().catalog(), store: store, gateway: gateway, counters: counters,
            maxAttempts: maxAttempts, slots: slots ?? Slots(width), logger: Rig.logger)
    }

    /// A pending notification for each recipient, without a message.
    private func notifications(_ count: Int = 1) async throws -> [NotificationID] {
        let events = (1...count).map { samples.event(recipient: RecipientID($0)) }
        let digests = events.map { samples.digest([$0]) }
        try await store.transaction("test") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.digest(digests)
        }
        let consumer = try await store.outboxConsumer(of: .notificationSend)
        try await consumer.acknowledge(consumer.receive(limit: count))
        return digests.map(\.id)
    }

    private func message(_ id: NotificationID, attempt: Int = 0) -> ReceivedMessage {
        ReceivedMessage(
            message: QueueMessage(key: 1, body: .notification(id), attempt: attempt),
            position: MessagePosition(partition: 0, offset: 0))
    }

    private func notification(_ id: NotificationID) async throws -> UserNotification {
        try #require(try await store.notifications([id]).first)
    }

    @Test("A notification that is erased during its request leaves nothing", arguments: [3, 1])
    func erased(maxAttempts: Int) async throws {
        let id = try await notifications()[0]
        let gateway = ErasingGateway(store, outcome: .failed(httpStatus: 503, error: "busy", after: nil))
        try await handler(gateway, maxAttempts: maxAttempts).handle([message(id)])
        let statistics = try await store.statistics()
        #expect(statistics.deadLetters == 0)
        clock.advance(by: .seconds(3600))
        #expect(try await store.statistics().backlog[.notificationSend] == 0)
        #expect(try await store.attempts(of: id).isEmpty)
    }

    @Test("A notification that the gateway accepts is delivered, and the attempt is recorded")
    func delivered() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway([.delivered(httpStatus: 202)])
        try await handler(gateway).handle([message(id)])
        #expect(try await notification(id).status == .delivered)
        #expect(try await notification(id).deliveredAt == clock.now)
        let attempts = try await store.attempts(of: id)
        #expect(attempts == [Samples.attempt(1, at: clock.now, .delivered, httpStatus: 202)])
        #expect(gateway.requests.map(\.type) == ["tumbling"])
        #expect(counters.snapshot().totals.delivered == 1)
    }

    @Test(
        "A failed attempt with the highest possible number fails only its own notification"
    )
    func highestAttempt() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway([.failed(httpStatus: 503, error: "busy", after: nil)])
        try await handler(gateway, maxAttempts: .max).handle([message(id, attempt: .max)])
        #expect(try await notification(id).status == .failed)
        #expect(try await store.statistics().deadLetters == 1)
    }

    @Test("A delivered notification is not sent again")
    func deliveredBefore() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway()
        let handler = try handler(gateway)
        try await handler.handle([message(id)])
        try await handler.handle([message(id), message(id)])
        #expect(gateway.counts == [id: 1])
        #expect(try await store.attempts(of: id).count == 1)
    }

    @Test("A notification whose message comes twice in a batch is sent once")
    func twiceInBatch() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway()
        try await handler(gateway).handle([message(id), message(id)])
        #expect(gateway.counts == [id: 1])
    }

    @Test("A failed attempt is recorded and its message published again, delayed and with the next number")
    func retry() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway([.failed(httpStatus: 503, error: "busy", after: nil)])
        try await handler(gateway).handle([message(id)])
        #expect(try await notification(id).status == .pending)
        let attempts = try await store.attempts(of: id)
        #expect(attempts == [Samples.attempt(1, at: clock.now, .retry, httpStatus: 503, error: "busy")])
        let next = try await nextMessage(notBefore: .milliseconds(500), by: .seconds(1))
        #expect(next.map(\.message.body) == [.notification(id)])
        #expect(next.map(\.message.attempt) == [1])
        #expect(try await store.deadLetters(after: nil, limit: 1).isEmpty)
    }

    @Test("The wait that the gateway asks for is kept")
    func retryAfter() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway([.failed(httpStatus: 429, error: "slow down", after: .seconds(120))])
        try await handler(gateway).handle([message(id)])
        #expect(try await nextMessage(notBefore: .seconds(120), by: .seconds(120)).count == 1)
    }

    /// The messages in the outbox at `end`; checks that it has none just before `start`.
    private func nextMessage(notBefore start: Duration, by end: Duration) async throws -> [ReceivedMessage] {
        clock.advance(by: start - .microseconds(1))
        #expect(try await store.statistics().oldestMessageAt == nil)
        clock.advance(by: end - start + .microseconds(1))
        try #require(try await store.statistics().oldestMessageAt != nil)
        return try await store.outboxConsumer(of: .notificationSend).receive(limit: 10)
    }

    @Test("A notification without attempts left fails and is dead-lettered")
    func usedUp() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway(otherwise: .failed(httpStatus: 500, error: "broken", after: nil))
        let handler = try handler(gateway, maxAttempts: 3)
        for attempt in 0..<3 {
            #expect(try await notification(id).status == .pending)
            try await handler.handle([message(id, attempt: attempt)])
        }
        #expect(try await notification(id).status == .failed)
        #expect(try await store.attempts(of: id).map(\.outcome) == [.retry, .retry, .failed])
        #expect(try await store.attempts(of: id).map(\.number) == [1, 2, 3])
        let letters = try await store.deadLetters(after: nil, limit: 10)
        #expect(letters.map(\.body) == [.notification(id)])
        #expect(letters.map(\.reason) == ["attempts_used_up"])
        #expect(counters.snapshot().totals.failed == 1)
    }

    @Test("A refused notification fails at once and is dead-lettered")
    func refused() async throws {
        let id = try await notifications()[0]
        let gateway = RecordingGateway([.refused(httpStatus: 410, error: "gone")])
        try await handler(gateway).handle([message(id)])
        #expect(try await notification(id).status == .failed)
        let letters = try await store.deadLetters(after: nil, limit: 10)
        #expect(letters.map(\.reason) == ["refused"])
        #expect(letters.map(\.error) == ["gone"])
        #expect(try await store.statistics().backlog[.notificationSend] == 0)
    }

    @Test("Each notification of a batch gets its own outcome")
    func batch() async throws {
        let ids = try await notifications(5)
        let gateway = RecordingGateway()
        gateway.answer(ids[1], with: [.refused(httpStatus: 400, error: "bad")])
        gateway.answer(ids[3], with: [.failed(httpStatus: nil, error: "timeout", after: nil)])
        try await handler(gateway, width: 2).handle(ids.map { message($0) })
        let statuses = try await store.notifications(ids).map(\.status)
        #expect(statuses == [.delivered, .failed, .delivered, .pending, .delivered])
        #expect(gateway.counts.count == 5)
    }

    @Test("A slow recipient does not delay others")
    func slowRecipient() async throws {
        let ids = try await notifications(10)
        let gateway = SlowGateway(slow: ids[0])
        let handler = try handler(gateway, width: 2)
        async let done: Void = handler.handle(ids.map { message($0) })
        try await until("the others are handed over") { gateway.recorded.requests.count == 9 }
        gateway.gate.notify()
        try await done
        #expect(try await store.notifications(ids).allSatisfy { $0.status == .delivered })
    }

    @Test("All batches together run at most as many requests at once as there are slots")
    func slots() async throws {
        let ids = try await notifications(6)
        let gateway = SlowGateway(slow: nil)
        let handler = try handler(gateway, width: 4)
        async let first: Void = handler.handle(ids[..<3].map { message($0) })
        async let second: Void = handler.handle(ids[3...].map { message($0) })
        try await until("four are under way") { gateway.running.count == 4 }
        for _ in 0..<50 { await Task.yield() }
        #expect(gateway.running.count == 4)
        gateway.gate.notify()
        _ = try await (first, second)
        #expect(gateway.recorded.requests.count == 6)
        #expect(try await store.notifications(ids).allSatisfy { $0.status == .delivered })
    }

    @Test("A cancelled request is no attempt, nor is one that waits for its slot", arguments: [1, 3])
    func cutOff(maxAttempts: Int) async throws {
        let ids = try await notifications(2)
        let gateway = CutOffGateway()
        let handler = try handler(gateway, maxAttempts: maxAttempts, width: 1)
        let handling = Task { try await handler.handle(ids.map { message($0) }) }
        try await until("one is under way") { gateway.requests == 1 }
        handling.cancel()
        await #expect(throws: CancellationError.self) { try await handling.value }
        #expect(gateway.requests == 1)
        for id in ids {
            #expect(try await notification(id).status == .pending)
            #expect(try await store.attempts(of: id).isEmpty)
        }
        #expect(try await store.statistics().deadLetters == 0)
        #expect(counters.snapshot().totals.failed == 0)
    }

    @Test("A response that arrives during the cancellation counts")
    func answeredBeforeCutOff() async throws {
        let id = try await notifications()[0]
        let gateway = CutOffGateway(outcome: .delivered(httpStatus: 200))
        let handler = try handler(gateway)
        let handling = Task { try await handler.handle([message(id)]) }
        try await until("it is under way") { gateway.requests == 1 }
        handling.cancel()
        try await handling.value
        #expect(try await notification(id).status == .delivered)
    }

    @Test("While the store fails nothing is lost: the batch fails and comes again")
    func storeFails() async throws {
        let id = try await notifications()[0]
        let faulty = FaultyStore(store)
        faulty.fail(["record_delivery"])
        let gateway = RecordingGateway()
        let handler = NotificationSendHandler(
            catalog: try TestFactory().catalog(), store: faulty, gateway: gateway, counters: counters,
            slots: Slots(1), logger: Rig.logger)
        await #expect(throws: Failures.infrastructure) { try await handler.handle([message(id)]) }
        #expect(try await notification(id).status == .pending)
        #expect(counters.snapshot().totals.delivered == 0)
        faulty.fail([])
        try await handler.handle([message(id)])
        #expect(try await notification(id).status == .delivered)
    }

    @Test("A notification whose message is dead-lettered fails, with a dead letter")
    func givenUp() async throws {
        let id = try await notifications()[0]
        try await handler(RecordingGateway()).deadLetter(message(id), because: Failures.permanent)
        #expect(try await notification(id).status == .failed)
        #expect(try await store.deadLetters(after: nil, limit: 10).map(\.body) == [.notification(id)])
    }
}
