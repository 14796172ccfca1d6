public import SheafCore

/// A message queue in memory.
public final class MemoryQueue: MessageQueue {
    private let topics: MemoryTopics
    private let clock: any TimeSource

    public init(clock: any TimeSource) {
        self.clock = clock
        topics = MemoryTopics()
    }

    public func publish(_ messages: [QueueMessage]) async throws {
        let now = clock.now
        for topic in Topic.allCases {
            let own = messages.filter { $0.topic == topic }
            guard !own.isEmpty else { continue }
            topics[topic].change { log in
                for message in own { log.append(message, at: now) }
            }
        }
    }

    public func consumer(of topic: Topic) async throws -> any QueueConsumer {
        MemoryConsumer(of: topics[topic], clock: clock)
    }

    public func progress(of topic: Topic) async throws -> [PartitionProgress] {
        topics[topic].read { log in
            [PartitionProgress(partition: 0, handled: log.firstSequence ?? log.nextSequence, end: log.nextSequence)]
        }
    }
}
