import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Reports on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(3)))
struct PostgresStageReportsTests {
    @Test("Rows of ended processes are removed, and unknown stages are ignored")
    func others() async throws {
        try await withSchema(connections: 2) { schema in
            let database = PostgresDatabase(schema.options)
            try await PostgresStore(database).migrate()
            try await schema.run(
                """
                INSERT INTO stage_reports VALUES
                    ('old', 0, '{ingested}', '{5}', '{5}'),
                    ('newer', 4000000000000000, '{knitted,delivered}', '{7,8}', '{9,1500}')
                """)
            let reports = PostgresStageReports(database)
            try await reports.report(StageSnapshot())
            let left = try await database.run("SELECT process FROM stage_reports ORDER BY process") { rows in
                try rows.map { try $0.text(0) }
            }
            #expect(Set(left) == ["newer", database.outbox.process])
            var totals = StageCounts()
            totals.delivered = 8
            #expect(try await reports.others() == StageSnapshot(totals: totals, rates: [.delivered: 1.5]))
            await database.close()
        }
    }
}
