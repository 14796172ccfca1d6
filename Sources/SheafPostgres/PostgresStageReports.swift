public import SheafCore

/// Reports in a PostgreSQL table, one row for each process, on the server's clock.
public final class PostgresStageReports: StageReports {
    /// How long the row of a process that ended stays.
    private static let retention = Duration.seconds(60)

    private let database: PostgresDatabase
    private let lifetime: Duration

    public init(_ database: PostgresDatabase, lifetime: Duration = .seconds(10)) {
        self.database = database
        self.lifetime = lifetime
    }

    public func report(_ snapshot: StageSnapshot) async throws {
        let process = database.outbox.process
        let stages = Stage.allCases
        // Rows that another process is removing are skipped.
        try await database.run(
            """
            WITH gone AS (
                DELETE FROM stage_reports WHERE process IN (
                    SELECT process FROM stage_reports
                    WHERE process <> \(process) AND at < (SELECT \(sql: SQL.now)) - \(Self.retention.microseconds)
                    FOR UPDATE SKIP LOCKED)
            )
            INSERT INTO stage_reports (process, at, stages, totals, rates)
            VALUES (
                \(process), \(sql: SQL.now), \(stages.map(\.rawValue)), \(stages.map { snapshot.totals[$0] }),
                \(stages.map { Self.thousandths(snapshot.rates[$0] ?? 0) })
            )
            ON CONFLICT (process) DO UPDATE SET
                at = excluded.at, stages = excluded.stages, totals = excluded.totals, rates = excluded.rates
            """)
    }

    public func others() async throws -> StageSnapshot {
        try await database.run(
            """
            SELECT s.stage, sum(s.total)::bigint, sum(s.rate)::bigint
            FROM stage_reports r CROSS JOIN LATERAL unnest(r.stages, r.totals, r.rates) AS s (stage, total, rate)
            WHERE r.process <> \(database.outbox.process)
                AND r.at > (SELECT \(sql: SQL.now)) - \(lifetime.microseconds)
            GROUP BY s.stage
            """
        ) { rows in
            var totals = StageCounts()
            var rates: [Stage: Double] = [:]
            for row in rows {
                // Processes of other versions may have other stages.
                guard let stage = Stage(rawValue: try row.text(0)) else { continue }
                totals[stage] = Int(try row.integer(1))
                rates[stage] = Double(try row.integer(2)) / 1000
            }
            return StageSnapshot(totals: totals, rates: rates)
        }
    }

    private static func thousandths(_ rate: Double) -> Int64 { Int64((rate * 1000).rounded()) }
}
