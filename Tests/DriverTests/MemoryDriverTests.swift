import SheafTesting
import Testing

@Suite("Drivers in memory")
struct MemoryDriverTests {
    @Test("The store keeps its promises", .timeLimit(.minutes(1)), arguments: EventStoreConformance.checks)
    func store(_ check: EventStoreConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The debouncer keeps its promises", .timeLimit(.minutes(1)), arguments: DebouncerConformance.checks)
    func debouncer(_ check: DebouncerConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The queue keeps its promises", .timeLimit(.minutes(1)), arguments: MessageQueueConformance.checks)
    func queue(_ check: MessageQueueConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The lock keeps its promises", .timeLimit(.minutes(1)), arguments: DistributedLockConformance.checks)
    func lock(_ check: DistributedLockConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test("The reports keep their promises", .timeLimit(.minutes(1)), arguments: StageReportsConformance.checks)
    func reports(_ check: StageReportsConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }

    @Test(
        "The revisions of types keep their promises", .timeLimit(.minutes(1)),
        arguments: TypeRevisionsConformance.checks)
    func revisions(_ check: TypeRevisionsConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }
}
