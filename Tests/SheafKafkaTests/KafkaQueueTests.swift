import SheafCore
import SheafKafka
import SheafTesting
import Synchronization
import Testing

@Suite("The queue on Kafka")
struct KafkaQueueTests {
    /// Kafka cannot delay a message, so the checks of delayed messages do not apply.
    @Test("It conforms to its port", .timeLimit(.minutes(1)), arguments: MessageQueueConformance.prompt)
    func promises(_ check: MessageQueueConformance.Check) async throws {
        try await KafkaQueueHarness(MockCluster.shared.options()).use { try await check.run(on: $0) }
    }

    @Test("A message with a delay is refused")
    func delay() async throws {
        let queue = try KafkaQueue(MockCluster.shared.options(), logger: quiet) { _, _ in }
        let message = QueueMessage(key: 42, body: .event(Samples().eventID()), delay: .milliseconds(1))
        let error = await #expect(throws: SheafError.self) { try await queue.publish([message]) }
        #expect(error?.code == .invalid && error?.field == "delay")
        await queue.close()
    }

    @Test("A record that holds no message is dead-lettered once, and its partition continues", .timeLimit(.minutes(1)))
    func poison() async throws {
        let options = MockCluster.shared.options()
        let topic = options.topicName(.eventOccurred)
        let given = Mutex<[SourceRecord]>([])
        let refusals = Mutex(1)
        let queue = try KafkaQueue(options, logger: quiet) { record, reason in
            let isRefused = refusals.withLock { count in
                defer { count -= 1 }
                return count > 0
            }
            if isRefused { throw SheafError(.unavailable, "the store is away") }
            #expect(reason.contains("bad_payload"))
            given.withLock { $0.append(record) }
        }
        let samples = Samples()
        let messages = (0..<2).map { _ in QueueMessage(key: 42, body: .event(samples.eventID())) }
        try await queue.publish([messages[0]])
        let producer = try KafkaProducer(options, logger: quiet)
        try await producer.send([KafkaRecord(topic: topic, key: Array("42".utf8), value: Array("{".utf8))])
        await producer.close()
        try await queue.publish([messages[1]])

        let first = try queue.makeConsumer(of: .eventOccurred)
        var received: [ReceivedMessage] = []
        while received.count < 2 {
            do {
                received += try await first.receive(limit: 10)
            } catch let error as SheafError where error.code == .unavailable {}
        }
        #expect(received.map(\.message) == messages)
        #expect(given.withLock { $0.map(\.topic) } == [topic])
        try await first.acknowledge(received)
        await first.close()

        let second = try queue.makeConsumer(of: .eventOccurred)
        let later = QueueMessage(key: 42, body: .event(samples.eventID()))
        try await queue.publish([later])
        #expect(try await second.receive(limit: 10).map(\.message) == [later])
        #expect(given.withLock { $0.count } == 1)
        await second.close()
        await queue.close()
    }
}
