import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Producer ids on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(3)))
struct ProducerIDsTests {
    @Test("Of many processes that send the same ids in different orders, one stores each, and none deadlocks")
    func races() async throws {
        try await withSchema(isDatabase: true) { schema in
            let stores = (0..<3).map { _ in PostgresStore(PostgresDatabase(schema.options)) }
            try await stores[0].migrate()
            let samples = Samples()
            for _ in 0..<20 {
                let ids = (0..<200).map { $0 % 4 == 0 ? "event-\($0)-\(UUID())" : UUID().uuidString.lowercased() }
                let results = try await withThrowingTaskGroup(of: [(id: String, event: EventID, AppendOutcome)].self) {
                    group in
                    for number in 0..<6 {
                        group.addTask {
                            let events = ids.shuffled().map { samples.event(producerID: $0) }
                            let outcomes = try await stores[number % 3].transaction("accept") {
                                try $0.accept(events.map { AdmittedEvent($0, .relayed) })
                            }
                            return zip(events, outcomes).map { ($0.producerID ?? "", $0.id, $1) }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let holders = Dictionary(grouping: results.filter { $0.2 == .stored }, by: \.id)
                #expect(holders.count == ids.count && holders.values.allSatisfy { $0.count == 1 })
                for (id, event, outcome) in results where outcome != .stored {
                    let holder = try #require(holders[id]?.first?.event)
                    #expect(outcome == .duplicate(of: holder) && event != holder)
                }
            }
            try await schema.check("SELECT count(*) = 4000 FROM events")
            try await schema.check("SELECT count(*) = 4000 FROM producer_ids")
            try await schema.check("SELECT deadlocks = 0 FROM pg_stat_database WHERE datname = current_database()")
            for store in stores { await store.close() }
        }
    }

    @Test("A UUID is stored as its bytes after one that is in no text; another id as its text")
    func stored() async throws {
        try await withSchema { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            try await store.migrate()
            let samples = Samples()
            let ids = ["6c84fb90-12c4-41e1-840d-25e55e2dfa0c", "6C84FB90-12C4-41E1-840D-25E55E2DFA0C", "заказ"]
            _ = try await store.transaction("accept") {
                try $0.accept(ids.map { AdmittedEvent(samples.event(producerID: $0), .relayed) })
            }
            try await schema.check(
                """
                SELECT array_agg(producer_id ORDER BY event) = ARRAY[
                    '\\xff6c84fb9012c441e1840d25e55e2dfa0c', convert_to('6C84FB90-12C4-41E1-840D-25E55E2DFA0C', 'UTF8'),
                    convert_to('заказ', 'UTF8')]::bytea[]
                FROM producer_ids
                """)
            await store.close()
        }
    }
}
