public import SheafCore
import Synchronization

/// A consumer of an outbox or a queue in memory.
public final class MemoryConsumer: OutboxConsumer {
    private let topic: MemoryTopic
    private let clock: any TimeSource
    private let reading: Mutex<MessageReading>

    init(of topic: MemoryTopic, clock: any TimeSource) {
        self.topic = topic
        self.clock = clock
        reading = Mutex(MessageReading(topic.snapshot))
    }

    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        while true {
            try Task.checkCancellation()
            let generation = topic.generation
            let now = clock.now
            let (batch, nextDueAt) = reading.withLock { reading in
                let batch = topic.read { reading.take(from: $0, limit: max(1, limit), at: now) }
                return (batch, reading.nextDueAt)
            }
            if !batch.isEmpty { return batch }
            try await topic.wait(after: generation, atMost: nextDueAt.map { $0 - now }, on: clock)
        }
    }

    public func acknowledge(_ messages: [ReceivedMessage]) async throws {
        topic.remove(messages.map(\.position.offset))
        await forget(messages)
    }

    public func forget(_ messages: [ReceivedMessage]) async {
        reading.withLock { reading in
            for message in messages { reading.forget(message.position.offset) }
        }
    }

    public func nack(_ messages: [ReceivedMessage]) async {
        reading.withLock { reading in
            topic.read { log in
                for message in messages { reading.nack(message.position.offset, to: log) }
            }
        }
        topic.change { _ in }
    }
}
