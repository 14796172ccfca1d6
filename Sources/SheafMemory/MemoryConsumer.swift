public import SheafCore
import Synchronization

/// A reader of an outbox or a queue in memory.
public final class MemoryConsumer: QueueConsumer {
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
            let version = topic.version
            let now = clock.now
            let (batch, nextDueAt) = reading.withLock { reading in
                let batch = topic.read { reading.take(from: $0, limit: max(1, limit), at: now) }
                return (batch, reading.nextDueAt)
            }
            if !batch.isEmpty { return batch }
            try await topic.wait(past: version, atMost: nextDueAt.map { $0 - now }, by: clock)
        }
    }

    public func acknowledge(_ messages: [ReceivedMessage]) async throws {
        topic.remove(messages.map(\.position.offset))
        reading.withLock { reading in
            for message in messages { reading.acknowledge(message.position.offset) }
        }
    }

    public func giveBack(_ messages: [ReceivedMessage]) async {
        reading.withLock { reading in
            topic.read { log in
                for message in messages { reading.giveBack(message.position.offset, to: log) }
            }
        }
        topic.change { _ in }
    }
}
