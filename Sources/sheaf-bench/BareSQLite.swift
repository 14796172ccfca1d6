import Foundation
import GRDB
import GRDBSQLite
import SheafCore
import SheafSQLite

/// The limit that SQLite itself sets: a loop that runs only the statements of an event's path on the store's own
/// tables, in transactions of 500 events.
enum BareSQLite {
    private static let batch = 500
    private static let perWindow = 10
    /// The value of every time, so nothing waits.
    private static let moment: Int64 = 1_800_000_000_000_000

    /// - Returns: events a second.
    static func run(events: Int) async throws -> Double {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-bare-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "bare.db").path
        let store = SQLiteStore(try SQLiteDatabase(path: path, clock: SteadyClock()))
        try await store.migrate()
        await store.close()
        let queue = try DatabaseQueue(path: path)
        return try await queue.writeWithoutTransaction { database in
            // The same settings as the store's.
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA cache_size = -49152; PRAGMA temp_store = MEMORY;
                    PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = ON;
                    INSERT INTO sources (name) VALUES ('bench')
                    """)
            let clock = ContinuousClock()
            let start = clock.now
            for first in stride(from: 0, to: events, by: batch) {
                let numbers = first..<min(first + batch, events)
                try transaction(database) { try accept(numbers, database) }
                let windows = try claim(database)
                try transaction(database) { try digest(windows, database) }
                let notifications = try receive(database)
                try transaction(database) { try record(notifications, database) }
            }
            return Double(events) / (clock.now - start).seconds
        }
    }

    private static func transaction(_ database: Database, _ body: () throws -> Void) throws {
        try database.inTransaction(.immediate) {
            try body()
            return .commit
        }
    }

    private static func id() -> [UInt8] {
        IdentifierGenerator.shared.next(Event.self, at: Timestamp(microseconds: moment)).bytes
    }

    /// Claims the producer ids, opens the windows, and writes the events.
    private static func accept(_ numbers: Range<Int>, _ database: Database) throws {
        let claim = try BareStatement(
            "INSERT INTO producer_ids (producer_id, source, event) VALUES (?, 1, ?) ON CONFLICT DO NOTHING", database)
        let open = try BareStatement(
            """
            SELECT id, events FROM windows
            WHERE recipient = ? AND type = 1 AND key_part IS ? AND state = 0 AND alone = 0
            """, database)
        let window = try BareStatement(
            """
            INSERT INTO windows (recipient, type, key_part, alone, state, due, opened_at, closes_at, events, bytes, leader)
            VALUES (?, 1, ?, 0, 0, \(moment), \(moment), \(moment), ?, 1000, NULL)
            """, database)
        let event = try BareStatement(
            """
            INSERT INTO events (
                id, "window", source, type, recipient, received_at, occurred_after, payload, producer_id, key_part, trace
            ) VALUES (?, ?, 1, 1, ?, \(moment), 0, ?, ?, ?, NULL)
            """, database)
        let ids = numbers.map { _ in id() }
        for (number, id) in zip(numbers, ids) { try claim.run(.text(producerID(number)), .blob(id)) }
        for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: perWindow) {
            let (recipient, part) = (first / perWindow, String(first / perWindow % 1000))
            let members = first..<min(first + perWindow, numbers.upperBound)
            try open.run(.integer(Int64(recipient)), .text(part))
            try window.run(.integer(Int64(recipient)), .text(part), .integer(Int64(members.count)))
            let row = database.lastInsertedRowID
            for number in members {
                try event.run(
                    .blob(ids[number - numbers.lowerBound]), .integer(row), .integer(Int64(recipient)),
                    .text(Workbench.data(number, perWindow: perWindow)), .text(producerID(number)), .text(part))
            }
        }
    }

    private static func producerID(_ number: Int) -> String { "event-\(1_000_000_000 + number)" }

    private struct Window {
        let id: Int64
        let recipient: Int64
        var first: [UInt8] = []
        var last: [UInt8] = []
    }

    /// Reads the due windows and their events; claims themselves are in memory.
    private static func claim(_ database: Database) throws -> [Window] {
        let due = try BareStatement(
            """
            SELECT id, recipient, type, key_part, alone, state, due, opened_at, closes_at, events, revision, attempt
            FROM windows WHERE due <= \(moment) ORDER BY due, id LIMIT 1000
            """, database)
        let events = try BareStatement(
            "SELECT * FROM events WHERE \"window\" = ? AND status IS NULL ORDER BY id", database)
        var windows: [Window] = []
        try due.run { windows.append(Window(id: sqlite3_column_int64($0, 0), recipient: sqlite3_column_int64($0, 1))) }
        for index in windows.indices {
            try events.run(.integer(windows[index].id)) { row in
                let event = Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(row, 0), count: 16))
                if windows[index].first.isEmpty { windows[index].first = event }
                windows[index].last = event
            }
        }
        return windows
    }

    /// Ends the windows, and writes their notifications and the messages that send them.
    private static func digest(_ windows: [Window], _ database: Database) throws {
        let end = try BareStatement("DELETE FROM windows WHERE id = ? AND revision = 0 AND events > 0", database)
        let ended = try BareStatement(
            """
            INSERT INTO ended_windows (
                id, recipient, type, key_part, alone, opened_at, closes_at, ended_at, events, notification, reason,
                first_event, last_event, attempts, waited_for
            ) VALUES (?, ?, 1, '1', 0, \(moment), \(moment), \(moment), \(perWindow), ?, NULL, ?, ?, 1, NULL)
            """, database)
        let notification = try BareStatement(
            """
            INSERT INTO notifications (
                id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at,
                trace, "window", events
            ) VALUES (
                ?, ?, 1, '⚠️ Ваши товары исключили из распродажи', '10 объявлений больше не подходят под условия',
                'Исключили 10 товаров из распродажи',
                '10 объявлений больше не подходят под условия. Проверьте цены и описания товаров.', \(perWindow), \(moment),
                NULL, ?, NULL)
            """, database)
        let message = try BareStatement(
            """
            INSERT INTO outbox (topic, due, body, recipient, attempt, written_at)
            VALUES (1, \(moment), ?, ?, 0, \(moment)) ON CONFLICT DO NOTHING
            """, database)
        for window in windows {
            let id = id()
            try end.run(.integer(window.id))
            try ended.run(
                .integer(window.id), .integer(window.recipient), .blob(id), .blob(window.first), .blob(window.last))
            try notification.run(.blob(id), .integer(window.recipient), .integer(window.id))
            try message.run(.blob(id), .integer(window.recipient))
        }
    }

    /// Reads the due messages and their notifications.
    private static func receive(_ database: Database) throws -> [[UInt8]] {
        let messages = try BareStatement(
            """
            SELECT due, body, recipient, attempt FROM outbox
            WHERE topic = 1 AND due <= \(moment) ORDER BY due, body LIMIT 1000
            """, database)
        let notification = try BareStatement("SELECT * FROM notifications WHERE id = ?", database)
        let turn = try BareStatement("SELECT tries, waits FROM delivery_turns WHERE notification = ?", database)
        var ids: [[UInt8]] = []
        try messages.run { row in
            ids.append(Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(row, 1), count: 16)))
        }
        for id in ids {
            try notification.run(.blob(id))
            try turn.run(.blob(id))
        }
        return ids
    }

    /// Records a delivered attempt for each notification, and ends its message.
    private static func record(_ ids: [[UInt8]], _ database: Database) throws {
        let update = try BareStatement(
            """
            UPDATE notifications SET attempts = attempts + 1, status = 1, delivered_at = \(moment)
            WHERE id = ? AND status = 0 RETURNING attempts, recipient
            """, database)
        let attempt = try BareStatement(
            """
            INSERT INTO attempts (notification, place, number, at, outcome, http_status, error)
            VALUES (?, 1, 1, \(moment), 'delivered', 202, NULL)
            """, database)
        let turn = try BareStatement("DELETE FROM delivery_turns WHERE notification = ? RETURNING recipient", database)
        let message = try BareStatement("DELETE FROM outbox WHERE topic = 1 AND due = \(moment) AND body = ?", database)
        for id in ids {
            try update.run(.blob(id))
            try attempt.run(.blob(id))
            try turn.run(.blob(id))
            try message.run(.blob(id))
        }
    }
}

/// A statement that binds values without boxes, as the store's do: the limit is SQLite's, not GRDB's.
private struct BareStatement {
    enum Value {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let statement: OpaquePointer

    init(_ sql: String, _ database: Database) throws {
        statement = try database.cachedStatement(sql: sql).sqliteStatement
    }

    /// Runs the statement to its end.
    func run(_ values: Value..., row: (OpaquePointer) -> Void = { _ in }) throws {
        for (index, value) in zip(Int32(1)..., values) {
            switch value {
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .text(let text): sqlite3_bind_text(statement, index, text, -1, Self.transient)
            case .blob(let bytes): sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), Self.transient)
            }
        }
        defer { sqlite3_reset(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: row(statement)
            case SQLITE_DONE: return
            default: throw SheafError(.storage, "the bare loop's statement failed")
            }
        }
    }
}
