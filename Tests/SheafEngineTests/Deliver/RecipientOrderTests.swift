import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("The order of one recipient's notifications", .timeLimit(.minutes(1)))
struct RecipientOrderTests {
    private let clock = TestClock()
    private let samples = Samples()

    private func handler(_ gateway: any Gateway, _ store: MemoryStore) async throws -> (
        handler: NotificationSendHandler, outbox: any OutboxConsumer
    ) {
        let outbox = ordered(try await store.outboxConsumer(of: .notificationSend))
        let handler = NotificationSendHandler(
            catalog: try TestFactory().catalog(), store: store, gateway: gateway, counters: StageCounters(clock: clock),
            outbox: outbox, maxAttempts: 4, slots: Slots(32), logger: Rig.logger)
        return (handler, outbox)
    }

    private func ordered(_ base: some OutboxConsumer) -> any OutboxConsumer { OrderedConsumer(base) }

    private func add(_ count: Int, of recipients: ClosedRange<RecipientID>, to store: MemoryStore) async throws {
        let events = (0..<count).map { _ in samples.event(recipient: .random(in: recipients)) }
        try await store.transaction("test") { [samples] transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.digest(events.map { samples.digest([$0]) })
        }
    }

    /// Handles due messages in several tasks.
    /// - Parameter isKilled: whether they are cancelled at some moment.
    private func handleAll(
        _ handler: NotificationSendHandler, _ outbox: any OutboxConsumer, _ store: MemoryStore, isKilled: Bool = false
    ) async throws {
        var looks = isKilled ? Int.random(in: 0..<10) : .max
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while let messages = try? await outbox.receive(limit: .random(in: 1...5)) {
                        do { try await handler.handle(messages) } catch { await outbox.nack(messages) }
                    }
                }
            }
            while looks > 0, (try? await store.statistics().backlog[.notificationSend]) ?? 0 > 0 {
                looks -= 1
                try? await Task.sleep(for: .microseconds(isKilled ? 100 : 500))
            }
            group.cancelAll()
        }
    }

    @Test(
        "No notification overtakes an earlier one, whatever fails and whenever the process is killed", arguments: 0..<10
    )
    func inOrder(seed: Int) async throws {
        let gateway = RecordingGateway(
            (0..<150).map { _ in
                switch Int.random(in: 0..<4) {
                case 0: .failed(httpStatus: 503, error: "busy", after: nil)
                case 1: .failed(httpStatus: 429, error: "slow down", after: .seconds(.random(in: 1...90)))
                case 2:
                    Int.random(in: 0..<10) == 0 ? .refused(httpStatus: 400, error: "no") : .delivered(httpStatus: 200)
                default: .delivered(httpStatus: 200)
                }
            })
        var store = MemoryStore(clock: clock)
        for round in 0..<500 {
            if round >= 20, try await store.newestNotifications(limit: 500).allSatisfy({ $0.status != .pending }) {
                break
            }
            let (handler, outbox) = try await handler(gateway, store)
            if round < 20 { try await add(.random(in: 0...8), of: 1...3, to: store) }
            let isKilled = round.isMultiple(of: 3)
            try await handleAll(handler, outbox, store, isKilled: isKilled)
            clock.advance(by: .seconds(Int.random(in: 1...200)))
            if isKilled { store = MemoryStore(recovering: store) }
        }
        clock.advance(by: .seconds(3600))
        for recipient in 1...3 as ClosedRange<RecipientID> {
            let requests = gateway.requests.map(\.notification).filter { $0.recipient == recipient }.map(\.id)
            #expect(requests == requests.sorted())
        }
        #expect(try await store.newestNotifications(limit: 500).allSatisfy { $0.status != .pending })
    }

    @Test("A notification waits while an earlier one of its recipient is retried; other recipients' do not")
    func waits() async throws {
        let store = MemoryStore(clock: clock)
        try await add(2, of: 1...1, to: store)
        try await add(1, of: 2...2, to: store)
        let gateway = RecordingGateway([.failed(httpStatus: 503, error: "busy", after: .seconds(30))])
        let (handler, outbox) = try await handler(gateway, store)
        let messages = try await outbox.receive(limit: 10)
        for message in messages { try await handler.handle([message]) }
        #expect(gateway.requests.map(\.notification.recipient) == [1, 2])
        clock.advance(by: .seconds(40))
        try await handleAll(handler, outbox, store)
        #expect(gateway.requests.map(\.notification.recipient) == [1, 2, 1, 1])
        let ids = gateway.requests.map(\.notification.id)
        #expect(ids[2] == ids[0] && ids[3] > ids[0])
    }

    @Test("A message whose attempt is already recorded sends nothing")
    func copies() async throws {
        let store = MemoryStore(clock: clock)
        try await add(1, of: 1...1, to: store)
        let gateway = RecordingGateway([.failed(httpStatus: 503, error: "busy", after: .seconds(30))])
        let (handler, outbox) = try await handler(gateway, store)
        let messages = try await outbox.receive(limit: 10)
        try await handler.handle(messages)
        try await handler.handle(messages)
        #expect(gateway.requests.count == 1)
        clock.advance(by: .seconds(40))
        let next = try await outbox.receive(limit: 10)
        #expect(next.map(\.message.attempt) == [1])
    }

    @Test("An attempt recorded after another process delivered the notification writes no letter")
    func lateFailure() async throws {
        let store = MemoryStore(clock: clock)
        try await add(1, of: 1...1, to: store)
        let (late, outbox) = try await handler(
            LateGateway(store, clock, answer: .refused(httpStatus: 400, error: "no")), store)
        try await late.handle(try await outbox.receive(limit: 10))
        let notification = try #require(try await store.newestNotifications(limit: 1).first)
        #expect(notification.status == .delivered && notification.attempts == 2)
        #expect(try await store.deadLetters(after: nil, limit: 10).isEmpty)
    }
}

/// A gateway that lets another process deliver the notification during its request.
private struct LateGateway: Gateway {
    let store: MemoryStore
    let clock: TestClock
    let answer: GatewayOutcome

    init(_ store: MemoryStore, _ clock: TestClock, answer: GatewayOutcome) {
        (self.store, self.clock, self.answer) = (store, clock, answer)
    }

    func send(_ notification: UserNotification, type _: String) async -> GatewayOutcome {
        let attempt = DeliveryAttempt(number: 1, at: clock.now, outcome: .delivered, httpStatus: 200, error: nil)
        _ = try? await store.transaction("test") {
            try $0.record([DeliveryRecord(notification: notification.id, attempt: attempt)])
        }
        return answer
    }
}
