import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("A recipient's messages go to one caller at a time", .timeLimit(.minutes(1)))
struct OrderedConsumerTests {
    private let queue = MemoryQueue(clock: TestClock())
    private let samples = Samples()

    private func publish(_ keys: [RecipientID]) async throws -> [MessageBody] {
        let messages = keys.map {
            QueueMessage(key: $0, body: .notification(IdentifierGenerator.shared.next(at: samples.start)))
        }
        try await queue.publish(messages)
        return messages.map(\.body)
    }

    private func consumer() async throws -> any QueueConsumer {
        func ordered(_ base: some QueueConsumer) -> any QueueConsumer { OrderedConsumer(base) }
        return ordered(try await queue.consumer(of: .notificationSend))
    }

    @Test("A recipient's messages wait until earlier ones in flight have ended; others' do not wait")
    func waits() async throws {
        let bodies = try await publish([1, 2, 1, 3, 1])
        let consumer = try await consumer()
        let first = try await consumer.receive(limit: 2)
        #expect(first.map(\.message.body) == [bodies[0], bodies[1]])
        let second = try await consumer.receive(limit: 10)
        #expect(second.map(\.message.body) == [bodies[3]])
        async let third = consumer.receive(limit: 10)
        try await consumer.acknowledge([first[0]])
        #expect(try await third.map(\.message.body) == [bodies[2], bodies[4]])
    }

    @Test("Messages that become ready go to a caller that waits for the base", arguments: [1, 2])
    func wakes(callers: Int) async throws {
        let bodies = try await publish([1, 1])
        let base = ObservedConsumer(try await queue.consumer(of: .notificationSend))
        let consumer = OrderedConsumer(base)
        let first = try await consumer.receive(limit: 1)
        let next = try await withThrowingTaskGroup(of: [ReceivedMessage].self) { group in
            for _ in 0..<callers { group.addTask { try await consumer.receive(limit: 1) } }
            await base.waitForCalls(3)
            try await consumer.acknowledge(first)
            defer { group.cancelAll() }
            return try await group.next()
        }
        #expect(next?.map(\.message.body) == [bodies[1]])
        #expect(try await publish([2]) == consumer.receive(limit: 1).map(\.message.body))
    }

    @Test("Messages of a recipient that are received together are delivered together, in order, up to the limit")
    func limit() async throws {
        let bodies = try await publish([1, 1, 2, 1])
        let consumer = try await consumer()
        let first = try await consumer.receive(limit: 3)
        #expect(first.map(\.message.body) == [bodies[0], bodies[1], bodies[2]])
        try await consumer.acknowledge(first)
        #expect(try await consumer.receive(limit: 3).map(\.message.body) == [bodies[3]])
    }

    @Test("Messages that are handed back come again before those that waited behind them")
    func handedBack() async throws {
        let bodies = try await publish([1, 1])
        let consumer = try await consumer()
        let first = try await consumer.receive(limit: 1)
        async let next = consumer.receive(limit: 10)
        try await Task.sleep(for: .milliseconds(1))
        await consumer.nack(first)
        #expect(try await next.map(\.message.body) == bodies)
    }

    @Test("A caller that waits behind others can be cancelled without losing messages")
    func cancelled() async throws {
        let bodies = try await publish([1, 1])
        let consumer = try await consumer()
        let first = try await consumer.receive(limit: 1)
        let waiting = Task { try await consumer.receive(limit: 1) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await consumer.acknowledge(first)
        #expect(try await consumer.receive(limit: 1).map(\.message.body) == [bodies[1]])
    }
}
