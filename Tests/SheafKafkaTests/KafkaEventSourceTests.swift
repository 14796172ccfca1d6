import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafKafka

@Suite("Business topics of Kafka")
struct KafkaEventSourceTests {
    @Test("The source conforms to its port", .timeLimit(.minutes(1)), arguments: EventSourceConformance.checks)
    func promises(_ check: EventSourceConformance.Check) async throws {
        try await KafkaSourceHarness(MockCluster.shared.options()).use { try await check.run(on: $0) }
    }

    @Test(
        "The source conforms to its port with the cooperative protocol",
        .enabled(if: MockCluster.isCooperativeSafe, "librdkafka before 2.3 may end the process; it is refused there"),
        .timeLimit(.minutes(1)), arguments: EventSourceConformance.checks)
    func cooperative(_ check: EventSourceConformance.Check) async throws {
        let options = MockCluster.shared.options(["partition.assignment.strategy": "cooperative-sticky"])
        try await KafkaSourceHarness(options).use { try await check.run(on: $0) }
    }

    private final class Topics: Sendable {
        let names: Mutex<[String]>
        init(_ names: [String]) { self.names = Mutex(names) }
    }

    @Test("A topic that is added later is read from then on, besides the others", .timeLimit(.minutes(1)))
    func later() async throws {
        let options = MockCluster.shared.options()
        let names = ["first", "second"].map { options.topicPrefix + $0 }
        let admin = try KafkaAdmin(options, logger: quiet)
        try await admin.ensure(topics: names, partitions: 1)
        await admin.close()
        let producer = try KafkaProducer(options, logger: quiet)
        let topics = Topics([names[0]])
        let source = try KafkaEventSource(options, topics: { topics.names.withLock(\.self) }, logger: quiet)
        for (index, name) in names.enumerated() {
            try await producer.send([KafkaRecord(topic: name, key: nil, value: [UInt8(index)], headers: [])])
        }
        var seen = try await source.receive(limit: 10)
        #expect(seen.map(\.topic) == [names[0]])
        try await source.commit(seen)
        topics.names.withLock { $0 = names }
        seen = try await source.receive(limit: 10)
        #expect(seen.map(\.topic) == [names[1]])
        try await source.commit(seen)
        try await producer.send([KafkaRecord(topic: names[0], key: nil, value: [2], headers: [])])
        #expect(try await source.receive(limit: 10).map(\.value) == [[2]])
        await source.close()
        await producer.close()
    }
}
