import SheafTesting
import Testing

@Suite("Memory")
struct MemoryDriverTests {
    @Test("The store keeps its promises", .timeLimit(.minutes(1)), arguments: EventStoreConformance.checks)
    func store(_ check: EventStoreConformance.Check) async throws {
        try await MemoryHarness().use { try await check.run(on: $0) }
    }
}
