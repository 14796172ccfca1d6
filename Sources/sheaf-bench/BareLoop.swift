import Foundation
import GRDB

/// The limit that SQLite itself sets: a loop that writes, reads and deletes the rows an event has, and does nothing
/// else.
enum BareLoop {
    private static let batch = 500

    /// - Returns: events a second.
    static func run(events: Int) async throws -> Double {
        let path = FileManager.default.temporaryDirectory.appending(path: "sheaf-bare-\(UUID()).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let queue = try DatabaseQueue(path: path)
        return try await queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
                    CREATE TABLE producer (id TEXT PRIMARY KEY, event INTEGER) WITHOUT ROWID;
                    CREATE TABLE event (id INTEGER PRIMARY KEY, recipient INTEGER, payload TEXT, status INTEGER);
                    CREATE INDEX event_new ON event (id) WHERE status = 0;
                    CREATE TABLE message (id INTEGER PRIMARY KEY, event INTEGER);
                    CREATE TABLE waiting (window INTEGER, event INTEGER, PRIMARY KEY (window, event)) WITHOUT ROWID;
                    CREATE TABLE notification (id INTEGER PRIMARY KEY, text TEXT, status INTEGER)
                    """)
            let clock = ContinuousClock()
            let start = clock.now
            for first in stride(from: 0, to: events, by: batch) {
                let ids = Array(first..<min(first + batch, events))
                try database.inTransaction {
                    try take(ids, database); return .commit
                }
                try database.inTransaction {
                    try wait(ids, database); return .commit
                }
                try database.inTransaction {
                    try bind(ids, database); return .commit
                }
            }
            return Double(events) / (clock.now - start).seconds
        }
    }

    private static func take(_ ids: [Int], _ database: Database) throws {
        let producer = try database.cachedStatement(sql: "INSERT INTO producer VALUES (?, ?)")
        let event = try database.cachedStatement(sql: "INSERT INTO event VALUES (?, ?, ?, 0)")
        let message = try database.cachedStatement(sql: "INSERT INTO message VALUES (?, ?)")
        for id in ids {
            try producer.execute(arguments: ["event-\(1_000_000_000 + id)", id])
            try event.execute(arguments: [id, id / 10, #"{"sale_id":\#(id / 10 % 1000),"item_id":\#(id)}"#])
            try message.execute(arguments: [id, id])
        }
    }

    private static func wait(_ ids: [Int], _ database: Database) throws {
        let waiting = try database.cachedStatement(sql: "INSERT INTO waiting VALUES (?, ?)")
        let message = try database.cachedStatement(sql: "DELETE FROM message WHERE id = ?")
        for id in ids {
            try waiting.execute(arguments: [id / 10, id])
            try message.execute(arguments: [id])
        }
    }

    private static func bind(_ ids: [Int], _ database: Database) throws {
        let read = try database.cachedStatement(sql: "SELECT payload FROM event WHERE id = ?")
        let finish = try database.cachedStatement(sql: "UPDATE event SET status = 1 WHERE id = ? AND status = 0")
        let waiting = try database.cachedStatement(sql: "DELETE FROM waiting WHERE window = ?")
        let notification = try database.cachedStatement(sql: "INSERT INTO notification VALUES (?, ?, 1)")
        for id in ids {
            _ = try String.fetchOne(read, arguments: [id])
            try finish.execute(arguments: [id])
            guard id % 10 == 9 else { continue }
            try waiting.execute(arguments: [id / 10])
            try notification.execute(arguments: [id / 10, "Исключили 10 товаров из распродажи"])
        }
    }
}
