import SheafTesting
import Testing

@Suite("Drivers on SQLite")
struct SQLiteDriverTests {
    @Test("The store conforms to its port", .timeLimit(.minutes(1)), arguments: EventStoreConformance.checks)
    func store(_ check: EventStoreConformance.Check) async throws {
        try await SQLiteHarness().use { try await check.run(on: $0) }
    }

    @Test(
        "The revisions of types conform to their port", .timeLimit(.minutes(1)),
        arguments: TypeRevisionsConformance.checks)
    func revisions(_ check: TypeRevisionsConformance.Check) async throws {
        try await SQLiteHarness().use { try await check.run(on: $0) }
    }
}
