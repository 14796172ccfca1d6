public import SheafCore

/// The debouncer on PostgreSQL; its clock is the server's.
public final class PostgresDebouncer: Debouncer {
    let database: PostgresDatabase

    public init(_ database: PostgresDatabase) { self.database = database }

    public func flush(_ key: WindowKey) async throws -> Bool {
        try await database.run(
            """
            UPDATE windows SET due = least(due, \(sql: SQL.now)), closes_at = least(closes_at, \(sql: SQL.now))
            WHERE sha256(key) = sha256(\(key.bytes)) AND key = \(key.bytes) AND state = 0 RETURNING 1
            """
        ) { !$0.isEmpty }
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> OpenWindowPage {
        let (found, total) = try await database.access { session in
            let answers = try session.exchange([
                """
                SELECT \(sql: WindowRow.columns) FROM windows w WHERE state = 0 AND id > \(cursor ?? 0)
                ORDER BY id LIMIT \(limit + 1)
                """,
                "SELECT count(*) FROM windows WHERE state = 0",
            ])
            return (try answers[0].map { try WindowRow($0).openWindow }, Int(try answers[1][0].integer(0)))
        }
        let page = Array(found.prefix(limit))
        return OpenWindowPage(items: page, total: total, next: found.count > limit ? page.last?.id : nil)
    }

    public func window(of event: EventID, key: WindowKey) async throws -> OpenWindow? {
        try await database.run(
            """
            SELECT \(sql: WindowRow.columns) FROM windows w
            WHERE sha256(w.key) = sha256(\(key.bytes)) AND w.key = \(key.bytes)
                AND EXISTS (SELECT 1 FROM window_events e WHERE e."window" = w.id AND e.event = \(event))
            ORDER BY w.id DESC LIMIT 1
            """
        ) { try $0.first.map { try WindowRow($0).openWindow } }
    }

    public func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry] {
        guard !entries.isEmpty else { return [] }
        let waiting = try await database.run(
            """
            SELECT DISTINCT n.place
            FROM unnest(\(entries.map(\.key.bytes)), \(entries.map(\.event)))
                WITH ORDINALITY AS n (key, event, place)
            JOIN windows w ON sha256(w.key) = sha256(n.key) AND w.key = n.key
            JOIN window_events e ON e."window" = w.id AND e.event = n.event
            """
        ) { Set(try $0.map { Int(try $0.integer(0)) }) }
        return entries.enumerated().filter { !waiting.contains($0.offset + 1) }.map(\.element)
    }

    public func erase(recipient: RecipientID) async throws {
        try await database.access { session in
            try session.inTransaction { session in
                let windows = try session.rows("DELETE FROM windows WHERE recipient = \(recipient) RETURNING id").map {
                    try $0.integer(0)
                }
                // In a statement of its own, which sees events that were added while the first waited.
                session.later("DELETE FROM window_events WHERE \"window\" = ANY(\(windows))")
            }
        }
    }
}
