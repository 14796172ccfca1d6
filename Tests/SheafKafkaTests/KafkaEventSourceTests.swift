import SheafTesting
import Testing

@Suite("Business topics of Kafka")
struct KafkaEventSourceTests {
    @Test("The source keeps its promises", .timeLimit(.minutes(1)), arguments: EventSourceConformance.checks)
    func promises(_ check: EventSourceConformance.Check) async throws {
        try await KafkaSourceHarness(MockCluster.shared.options()).use { try await check.run(on: $0) }
    }

    @Test(
        "The same with the cooperative protocol",
        .enabled(if: MockCluster.isCooperativeSafe, "librdkafka before 2.3 may end the process; it is refused there"),
        .timeLimit(.minutes(1)), arguments: EventSourceConformance.checks)
    func cooperative(_ check: EventSourceConformance.Check) async throws {
        let options = MockCluster.shared.options(["partition.assignment.strategy": "cooperative-sticky"])
        try await KafkaSourceHarness(options).use { try await check.run(on: $0) }
    }
}
