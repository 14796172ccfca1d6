import Foundation
import GRDB
import GRDBSQLite
import SheafCore
import SheafTesting
import Testing

@testable import SheafSQLite

@Suite("Recipients' events in a SQLite file")
struct SQLiteRecipientEventsTests {
    /// Adds ended windows of four events each, in pairs that overlap.
    private static func add(_ windows: Int, of recipient: Int64, _ database: Database) throws {
        let insert = try PreparedStatement(
            """
            INSERT INTO events (id, "window", source, type, recipient, received_at, occurred_after, payload)
            VALUES (?, ?, 1, 1, ?, 0, 0, '{}')
            """, in: database)
        for number in 0..<(windows * 4) {
            try insert.run(
                EventID(high: UInt64(number), low: UInt64(recipient)),
                Int(recipient) * 1_000_000 + number / 8 * 2 + number % 2, recipient)
        }
        try database.run(
            """
            INSERT INTO ended_windows
                (id, recipient, type, alone, opened_at, closes_at, ended_at, events, first_event, last_event)
            SELECT "window", ?1, 1, 0, 0, 0, 0, count(*), min(id), max(id) FROM events WHERE recipient = ?1
            GROUP BY "window"
            """, recipient)
    }

    /// A page, and how many instructions of SQLite's machine it took.
    private static func read(
        _ recipient: Int64, after cursor: EventID?, _ store: SQLiteStore
    ) async throws -> (page: RecipientEventPage, steps: Int) {
        try await store.database.read { [sources = store.sources] connection in
            let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            count.initialize(to: 0)
            defer { count.deallocate() }
            sqlite3_progress_handler(
                connection.sqliteConnection, 1,
                { count in
                    count?.assumingMemoryBound(to: Int.self).pointee += 1
                    return 0
                }, count)
            defer { sqlite3_progress_handler(connection.sqliteConnection, 0, nil, nil) }
            let page = try SQLiteStore.events(of: recipient, after: cursor, limit: 20, sources, connection)
            return (page, count.pointee)
        }
    }

    @Test("A page takes as many steps with 3,000 windows as with 100")
    func bounded() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = SQLiteStore(
            try SQLiteDatabase(
                path: folder.appending(path: "test.db").path, synchronous: .normal, clock: TestClock()))
        try await store.migrate()
        try await store.database.write { connection in
            try connection.run("INSERT INTO sources (name) VALUES ('http')")
            try Self.add(100, of: 1, connection)
            try Self.add(3000, of: 2, connection)
        }
        var (few, many): (EventID?, EventID?)
        for _ in 0..<3 {
            let (small, large) = try await (Self.read(1, after: few, store), Self.read(2, after: many, store))
            #expect(small.page.items.count == 20 && large.page.items.count == 20)
            #expect(small.steps > 100 && abs(large.steps - small.steps) < small.steps / 10)
            (few, many) = (small.page.next, large.page.next)
        }
        await store.close()
    }
}
