import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Recipients' events on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5)))
struct RecipientEventsTests {
    /// Adds ended windows of two events each, in pairs that overlap.
    private static func add(_ windows: Int, of recipient: Int64, _ database: PostgresDatabase) async throws {
        try await database.run(
            """
            INSERT INTO events (id, "window", source, type, recipient, occurred_at, received_at, payload)
            SELECT ('018f0000-' || lpad(to_hex(n), 12, '0') || lpad(to_hex(\(recipient)), 12, '0'))::uuid,
                \(recipient) * 1000000 + n / 4 * 2 + n % 2, 1, 1, \(recipient), 0, 0, '{}'
            FROM generate_series(0, \(windows * 2 - 1)) AS n
            """)
        try await database.run(
            """
            INSERT INTO ended_windows
                (id, type, recipient, opened_at, closes_at, ended_at, events, alone, first_event, last_event)
            SELECT "window", 1, \(recipient), 0, 0, 0, count(*), false, min(id::text)::uuid, max(id::text)::uuid
            FROM events WHERE "window" / 1000000 = \(recipient) GROUP BY "window"
            """)
    }

    /// A page, and how many rows of tables were read for it.
    private static func read(
        _ recipient: Int64, after cursor: EventID?, _ database: PostgresDatabase
    ) async throws -> (page: RecipientEventPage, rows: Int64) {
        try await database.access { session in
            func rows() throws -> Int64 {
                try session.rows("SELECT pg_stat_force_next_flush()")
                return try session.rows(
                    """
                    SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
                    WHERE schemaname = current_schema()
                    """)[0].integer(0)
            }
            let before = try rows()
            let page = try session.inTransaction {
                try PostgresStore.events(of: recipient, after: cursor, limit: 20, $0)
            }
            return (page, try rows() - before)
        }
    }

    @Test("A page reads as many rows of 20,000 windows as of 100")
    func bounded() async throws {
        try await withSchema { schema in
            let database = PostgresDatabase(schema.options)
            try await PostgresStore(database).migrate()
            try await database.run("INSERT INTO sources (name) VALUES ('http')")
            try await Self.add(100, of: 1, database)
            try await Self.add(20_000, of: 2, database)
            try await Self.compare(database)
            // The planner then knows how many windows there are.
            try await database.run("ANALYZE events, ended_windows")
            try await Self.compare(database)
            await database.close()
        }
    }

    private static func compare(_ database: PostgresDatabase) async throws {
        var (few, many): (EventID?, EventID?)
        for _ in 0..<3 {
            let (small, large) = try await (read(1, after: few, database), read(2, after: many, database))
            #expect(small.page.items.count == 20 && large.page.items.count == 20)
            #expect(small.rows > 20 && small.rows < 400)
            #expect(abs(large.rows - small.rows) < 30, "\(small.rows) and \(large.rows)")
            (few, many) = (small.page.next, large.page.next)
        }
        let middle = EventID(high: 0x018f_0000_0000_0000, low: 0x4e20_0000_0000_0000)
        let page = try await read(2, after: middle, database)
        #expect(page.page.items.count == 20 && page.rows < 400)
    }
}
