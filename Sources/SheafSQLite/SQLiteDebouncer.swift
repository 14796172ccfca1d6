import GRDB
public import SheafCore

/// The debouncer on SQLite; its clock is the database's.
public final class SQLiteDebouncer: Debouncer {
    let database: SQLiteDatabase

    public init(_ database: SQLiteDatabase) { self.database = database }

    /// Gives up all claims. To be called where no other process binds windows of this database: what a process that
    /// was killed had claimed need not wait for its lease to end.
    public func recover() async throws {
        let now = database.clock.now
        _ = try await database.write { database in
            try database.run(
                "UPDATE windows SET state = ?, due = ?, token = 0 WHERE state = ?", WindowRow.State.closed.rawValue,
                now, WindowRow.State.claimed.rawValue)
        }
    }

    public func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] {
        guard !entries.isEmpty else { return [] }
        let clock = database.clock
        return try await database.write { database in
            var adding = try WindowAdding(database: database, now: clock.now)
            let admissions = try entries.map { try adding.add($0) }
            try adding.finish()
            return admissions
        }
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        let now = database.clock.now
        return try await database.write { database in
            try database.run(
                "UPDATE windows SET due = min(due, ?), closes_at = min(closes_at, ?) WHERE key = ? AND state = 0", now,
                now, key.description) > 0
        }
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> OpenWindowPage {
        try await database.read { database in
            let found = try database.rows(
                "SELECT \(WindowRow.columns) FROM windows WHERE state = 0 AND id > ? ORDER BY id LIMIT ?", cursor ?? 0,
                limit + 1, map: WindowRow.init(columns:))
            let total = try database.first("SELECT count(*) FROM windows WHERE state = 0") { Int($0.integer(0)) }
            let page = found.prefix(limit)
            return OpenWindowPage(
                items: page.map(\.openWindow), total: total ?? 0, next: found.count > limit ? page.last?.id : nil)
        }
    }

    public func window(of event: EventID, key: WindowKey) async throws -> OpenWindow? {
        try await database.read { database in
            try WindowRow.all(of: key, in: database).first { try $0.holds(event, in: database) }?.openWindow
        }
    }

    public func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry] {
        try await database.read { database in
            try entries.filter { entry in
                try !WindowRow.all(of: entry.key, in: database).contains { try $0.holds(entry.event, in: database) }
            }
        }
    }

    public func erase(recipient: RecipientID) async throws {
        try await database.write { database in
            try database.run(
                "DELETE FROM window_events WHERE window IN (SELECT id FROM windows WHERE recipient = ?)", recipient)
            try database.run("DELETE FROM windows WHERE recipient = ?", recipient)
        }
        await database.scrub()
    }
}
