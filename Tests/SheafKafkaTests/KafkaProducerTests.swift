import CRdKafka
import SheafCore
import SheafKafka
import Testing

@Suite("Publishing to Kafka")
struct KafkaProducerTests {
    @Test("Broker errors neither duplicate nor reorder records of a key", .timeLimit(.minutes(1)))
    func idempotence() async throws {
        let cluster = MockCluster(brokers: 1)
        let harness = try await KafkaSourceHarness(cluster.options())
        let producer = try KafkaProducer(cluster.options(), logger: quiet)
        cluster.fail(
            .produce,
            with: [
                RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
                RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            ])
        for start in stride(from: 0, to: 1000, by: 100) {
            try await producer.send((start..<start + 100).map { record($0, harness.topic) })
        }
        await producer.close()

        let source = try await harness.open()
        var numbers: [Int: [Int]] = [:]
        while numbers.values.reduce(0, { $0 + $1.count }) < 1000 {
            for record in try await source.receive(limit: 500) {
                let number = try #require(record.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) })
                numbers[number % 10, default: []].append(number)
            }
        }
        for key in 0..<10 { #expect(numbers[key] == Array(stride(from: key, to: 1000, by: 10))) }
        await harness.close(source)
        await harness.tearDown()
    }

    @Test(
        "While the brokers are down it fails in bounded time, and continues when they are back", .timeLimit(.minutes(1))
    )
    func brokersAway() async throws {
        let cluster = MockCluster(brokers: 2)
        let options = cluster.options(["message.timeout.ms": "1500"])
        let producer = try KafkaProducer(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        try await producer.send([record(1, topic)])
        cluster.setUp(false)
        let start = ContinuousClock.now
        let error = await #expect(throws: SheafError.self) { try await producer.send([record(2, topic)]) }
        #expect(error?.code == .unavailable)
        #expect(ContinuousClock.now - start < .seconds(15))
        cluster.setUp(true)
        try await eventually { try await producer.send([record(3, topic)]) }
        await producer.close()
    }

    @Test("Records that wait at the end are sent, and later ones refused", .timeLimit(.minutes(1)))
    func closing() async throws {
        let options = MockCluster.shared.options(["linger.ms": "3000"])
        let producer = try KafkaProducer(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        try await producer.send([record(0, topic)])
        let sending = Task { try await producer.send((1..<10).map { record($0, topic) }) }
        try await Task.sleep(for: .seconds(1))
        await producer.close()
        try await sending.value
        let error = await #expect(throws: SheafError.self) { try await producer.send([record(1, topic)]) }
        #expect(error?.code == .unavailable)
    }

    @Test("More records than the local queue holds wait for room", .timeLimit(.minutes(1)))
    func backpressure() async throws {
        let options = MockCluster.shared.options(["queue.buffering.max.messages": "100"])
        let producer = try KafkaProducer(options, logger: quiet)
        try await producer.send((0..<5000).map { record($0, options.topicName(.eventOccurred)) })
        await producer.close()
    }

    @Test("A record that is too large is refused for good, and the rest of its batch arrives", .timeLimit(.minutes(1)))
    func tooLarge() async throws {
        let options = MockCluster.shared.options(["message.max.bytes": "2000"])
        let producer = try KafkaProducer(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        let large = KafkaRecord(topic: topic, key: nil, value: Array(repeating: 1, count: 4000))
        let error = await #expect(throws: SheafError.self) {
            try await producer.send([record(1, topic), large, record(2, topic)])
        }
        #expect(error?.code == .tooLarge)
        await producer.close()
    }

    @Test("After a fatal error of the library a new client is used", .timeLimit(.minutes(1)))
    func fatal() async throws {
        let cluster = MockCluster(brokers: 1)
        cluster.fail(.initProducerID, with: [RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED])
        let options = cluster.options()
        let producer = try KafkaProducer(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        await #expect(throws: SheafError.self) { try await producer.send([record(1, topic)]) }
        try await eventually { try await producer.send([record(2, topic)]) }
        await producer.close()
    }

    @Test("Small records are sent fast", .timeLimit(.minutes(1)))
    func speed() async throws {
        let options = MockCluster.shared.options()
        let producer = try KafkaProducer(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        try await producer.send([record(0, topic)])
        let start = ContinuousClock.now
        for start in stride(from: 0, to: 20_000, by: 500) {
            try await producer.send((start..<start + 500).map { record($0, topic) })
        }
        // A tenth of what a release build on a quiet machine must reach.
        #expect(ContinuousClock.now - start < .seconds(10))
        await producer.close()
    }

    private func record(_ number: Int, _ topic: String) -> KafkaRecord {
        KafkaRecord(topic: topic, key: Array("\(number % 10)".utf8), value: Array("\(number)".utf8))
    }
}

/// Tries until it succeeds; a test's time is limited.
func eventually(_ body: () async throws -> Void) async throws {
    while true {
        do {
            return try await body()
        } catch is SheafError {
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
