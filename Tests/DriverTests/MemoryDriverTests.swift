import SheafTesting
import Testing

@Suite("Drivers in memory")
struct MemoryDriverTests {
    @Test("The store conforms to its port", .timeLimit(.minutes(1)), arguments: EventStoreConformance.checks)
    func store(_ check: EventStoreConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The debouncer conforms to its port", .timeLimit(.minutes(1)), arguments: DebouncerConformance.checks)
    func debouncer(_ check: DebouncerConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The queue conforms to its port", .timeLimit(.minutes(1)), arguments: MessageQueueConformance.checks)
    func queue(_ check: MessageQueueConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The lock conforms to its port", .timeLimit(.minutes(1)), arguments: DistributedLockConformance.checks)
    func lock(_ check: DistributedLockConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The reports conform to their port", .timeLimit(.minutes(1)), arguments: StageReportsConformance.checks)
    func reports(_ check: StageReportsConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test(
        "The revisions of types conform to their port", .timeLimit(.minutes(1)),
        arguments: TypeRevisionsConformance.checks)
    func revisions(_ check: TypeRevisionsConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }
}
