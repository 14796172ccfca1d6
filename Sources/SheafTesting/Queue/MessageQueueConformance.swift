import SheafCore
import Testing

/// The conformance checks for drivers of ``MessageQueue``. Only messages with the same key have an order.
public enum MessageQueueConformance {
    public typealias Check = ConformanceCheck<any MessageQueueHarness>

    public static var checks: [Check] { prompt + delayed }

    /// All checks without delayed messages, for a driver that refuses delays.
    public static var prompt: [Check] { handing + waiting }

    static var handing: [Check] {
        [
            Check("A message is received as it was published") { harness async throws in
                let samples = Samples()
                let messages = [Int64.min, -1, 0, 42, .max].enumerated().map { index, key in
                    QueueMessage(key: key, body: .event(samples.eventID()), attempt: index)
                }
                try await harness.queue.publish(messages)
                let received = try await harness.queue.consumer(of: .eventOccurred).gather(5)
                #expect(Set(received.map(\.message)) == Set(messages))
                #expect(Set(received.map(\.position)).count == 5)
            },
            Check("Topics are independent") { harness async throws in
                let samples = Samples()
                let notification = QueueMessage(key: 42, body: .notification(samples.notificationID()), attempt: 3)
                let events = samples.messages(2)
                try await harness.queue.publish([events[0], notification, events[1]])
                let sending = try await harness.queue.consumer(of: .notificationSend)
                #expect(try await sending.gather(1).map(\.message) == [notification])
                let occurring = try await harness.queue.consumer(of: .eventOccurred)
                #expect(try await occurring.gather(2).map(\.message) == events)
            },
            Check("Messages with the same key keep their order, within a batch and between batches") {
                harness async throws in
                let samples = Samples()
                let messages = (0..<300).map { QueueMessage(key: Int64($0 % 7), body: .event(samples.eventID())) }
                for start in stride(from: 0, to: 300, by: 75) {
                    try await harness.queue.publish(Array(messages[start..<start + 75]))
                }
                let received = try await harness.queue.consumer(of: .eventOccurred).gather(300).map(\.message)
                for key in 0..<7 {
                    let (own, expected) = (received.filter { $0.key == key }, messages.filter { $0.key == key })
                    #expect(own == expected)
                }
            },
            Check("A batch has at least one message and at most the requested number") { harness async throws in
                let messages = Samples().messages(10)
                try await harness.queue.publish(messages)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                var received: [QueueMessage] = []
                while received.count < 10 {
                    let batch = try await consumer.receive(limit: 3)
                    #expect((1...3).contains(batch.count))
                    received += batch.map(\.message)
                }
                #expect(received == messages)
            },
            Check("An empty batch does nothing") { harness async throws in
                let message = Samples().message()
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish([])
                try await consumer.acknowledge([])
                await consumer.nack([])
                try await harness.queue.publish([message])
                #expect(try await consumer.gather(1).map(\.message) == [message])
            },
            Check("A delivered message is not delivered again before it is handed back") { harness async throws in
                let messages = Samples().messages(3)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish(Array(messages[..<2]))
                let first = try await consumer.gather(2)
                try await harness.queue.publish([messages[2]])
                #expect(try await consumer.gather(1).map(\.message) == [messages[2]])
                await consumer.nack([first[1]])
                #expect(try await consumer.gather(1).map(\.message) == [messages[1]])
                await consumer.nack([first[0]])
                #expect(try await consumer.gather(1).map(\.message) == [messages[0]])
            },
            Check("Messages that are handed back together keep their order") { harness async throws in
                let messages = Samples().messages(5)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish(messages)
                let received = try await consumer.gather(5)
                await consumer.nack([received[3], received[1], received[4]])
                #expect(try await consumer.gather(3).map(\.message) == [messages[1], messages[3], messages[4]])
            },
            Check("A message that is handed back twice is delivered once") { harness async throws in
                let messages = Samples().messages(2)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish([messages[0]])
                let received = try await consumer.gather(1)
                for _ in 0..<2 { await consumer.nack(received + received) }
                try await harness.queue.publish([messages[1]])
                #expect(try await consumer.gather(2).map(\.message) == messages)
            },
            Check("An acknowledged message is never delivered again, even if handed back later") {
                harness async throws in
                let messages = Samples().messages(4)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish(Array(messages[..<3]))
                let received = try await consumer.gather(3)
                for _ in 0..<2 { try await consumer.acknowledge([received[0], received[2]]) }
                await consumer.nack(received)
                try await harness.queue.publish([messages[3]])
                #expect(try await consumer.gather(2).map(\.message) == [messages[1], messages[3]])
            },
            Check("A new consumer receives what the previous one did not acknowledge") { harness async throws in
                let messages = Samples().messages(4)
                try await harness.queue.publish(messages)
                try await acknowledge(2, of: 4, from: harness.queue)
                let second = try await harness.queue.consumer(of: .eventOccurred)
                #expect(try await second.gather(2).map(\.message) == Array(messages[2...]))
            },
            Check("A consumer receives messages that were published before it existed") { harness async throws in
                let messages = Samples().messages(500)
                try await harness.queue.publish(messages)
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                #expect(try await consumer.gather(500).map(\.message) == messages)
            },
            Check("The progress of a topic counts its messages until they are acknowledged") { harness async throws in
                let (queue, messages) = (harness.queue, Samples().messages(30))
                func waiting(_ topic: Topic = .eventOccurred) async throws -> Int {
                    try await queue.progress(of: topic).reduce(0) { $0 + $1.waiting }
                }
                let before = try await waiting()
                // One by one, since Tansu reports the beginning of the last batch as the end of a partition.
                for message in messages { try await queue.publish([message]) }
                let (published, others) = (try await waiting(), try await waiting(.notificationSend))
                #expect((before, published, others) == (0, 30, 0))
                let consumer = try await queue.consumer(of: .eventOccurred)
                let received = try await consumer.gather(30)
                let handedOut = try await waiting()
                #expect(handedOut == 30)
                try await consumer.acknowledge(received)
                // A driver may report progress to its servers a moment later; the check's own time limit ends this.
                while try await waiting() > 0 { try await Task.sleep(for: .milliseconds(20)) }
            },
            Check("10,000 messages of many publishers are delivered unchanged, each once") { harness async throws in
                let (samples, queue) = (Samples(), harness.queue)
                let batches = (0..<20).map { _ in samples.messages(500) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for batch in batches { group.addTask { try await queue.publish(batch) } }
                    try await group.waitForAll()
                }
                let consumer = try await queue.consumer(of: .eventOccurred)
                let received = try await consumer.gather(10_000, acknowledging: true).map(\.message)
                #expect(received.count == 10_000 && Set(received) == Set(batches.flatMap(\.self)))
            },
        ]
    }
}

/// Acknowledges the first of some messages with a consumer that is then released.
private func acknowledge(_ count: Int, of all: Int, from queue: any MessageQueue) async throws {
    let consumer = try await queue.consumer(of: .eventOccurred)
    try await consumer.acknowledge(Array(try await consumer.gather(all)[..<count]))
}

extension QueueConsumer {
    /// The next `count` messages.
    func gather(_ count: Int, acknowledging: Bool = false) async throws -> [ReceivedMessage] {
        var received: [ReceivedMessage] = []
        while received.count < count {
            let batch = try await receive(limit: count - received.count)
            if acknowledging { try await acknowledge(batch) }
            received += batch
        }
        return received
    }
}
