import SheafTesting
import Testing

@Suite("Drivers on PostgreSQL", .enabled(if: PostgresServer.isWanted))
struct PostgresConformanceTests {
    @Test("The store conforms to its port", .timeLimit(.minutes(5)), arguments: EventStoreConformance.storing)
    func store(_ check: EventStoreConformance.Check) async throws {
        try await PostgresHarness().use { try await check.run(on: $0) }
    }

    @Test(
        "The store conforms to its port if time passes for consumers", .timeLimit(.minutes(5)),
        arguments: EventStoreConformance.consuming)
    func consumers(_ check: EventStoreConformance.Check) async throws {
        try await PostgresHarness(.server).use { try await check.run(on: $0) }
    }

    @Test("The lock conforms to its port", .timeLimit(.minutes(5)), arguments: DistributedLockConformance.checks)
    func lock(_ check: DistributedLockConformance.Check) async throws {
        try await PostgresHarness().use { try await check.run(on: $0) }
    }

    @Test("The reports conform to their port", .timeLimit(.minutes(5)), arguments: StageReportsConformance.checks)
    func reports(_ check: StageReportsConformance.Check) async throws {
        try await PostgresHarness().use { try await check.run(on: $0) }
    }

    @Test(
        "The revisions of types conform to their port", .timeLimit(.minutes(5)),
        arguments: TypeRevisionsConformance.checks)
    func revisions(_ check: TypeRevisionsConformance.Check) async throws {
        try await PostgresHarness().use { try await check.run(on: $0) }
    }
}
