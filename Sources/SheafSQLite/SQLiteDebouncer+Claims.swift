import GRDB
public import SheafCore

extension SQLiteDebouncer {
    public func claim(windows limit: Int, events: Int, lease: Duration) async throws -> ClaimBatch {
        // Most looks find nothing, and need not disturb the writer.
        if let next = try await nextDueIn(), next <= .zero {
            let clock = database.clock
            return try await database.write { database in
                let now = clock.now
                let claims = try Self.claim(database, now, windows: limit, events: events, lease: lease)
                return ClaimBatch(claims: claims, nextDueIn: try Self.nextDueIn(database, now))
            }
        }
        return ClaimBatch(claims: [], nextDueIn: try await nextDueIn())
    }

    private static func claim(
        _ database: Database, _ now: Timestamp, windows limit: Int, events limitOfEvents: Int, lease: Duration
    ) throws -> [WindowClaim] {
        let due = try database.rows(
            "SELECT \(WindowRow.columns) FROM windows WHERE due <= ? ORDER BY due, id LIMIT ?", now, limit,
            map: WindowRow.init(columns:))
        let take = try PreparedStatement(
            "UPDATE windows SET state = ?, due = ?, token = ?, attempt = attempt + 1 WHERE id = ?", in: database)
        let waiting = try PreparedStatement(
            "SELECT event FROM window_events WHERE window = ? ORDER BY event", in: database)
        var claims: [WindowClaim] = []
        var events = 0
        for row in due where events < limitOfEvents {
            let token = Int64.random(in: 1 ... .max)
            try take.run(WindowRow.State.claimed.rawValue, now + lease, token, row.id)
            let ids: [EventID] = try waiting.rows(row.id) { $0.identifier(0) }
            events += ids.count
            claims.append(
                WindowClaim(
                    id: row.id, token: token,
                    window: ClosedWindow(key: row.key, openedAt: row.window.openedAt, closesAt: row.window.closesAt),
                    events: ids, attempt: row.attempt + 1, lateness: max(.zero, now - row.window.closesAt)))
        }
        return claims
    }

    public func acknowledge(_ claims: [WindowClaim]) async throws {
        guard !claims.isEmpty else { return }
        try await database.write { database in
            for claim in claims {
                let isHeld =
                    try database.run("DELETE FROM windows WHERE id = ? AND token = ?", claim.id, claim.token) == 1
                if isHeld { try database.run("DELETE FROM window_events WHERE window = ?", claim.id) }
            }
        }
    }

    public func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws {
        let delays = claims.map { ($0, delay($0)) }
        let clock = database.clock
        try await database.write { database in
            let now = clock.now
            for (claim, delay) in delays {
                try database.run(
                    "UPDATE windows SET state = ?, due = ?, token = 0 WHERE id = ? AND token = ?",
                    WindowRow.State.closed.rawValue, now + delay, claim.id, claim.token)
            }
        }
    }

    public func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID> {
        let clock = database.clock
        return try await database.write { database in
            let until = clock.now + lease
            var held: Set<WindowID> = []
            for claim in claims {
                let isHeld =
                    try database.run(
                        "UPDATE windows SET due = ? WHERE id = ? AND token = ?", until, claim.id, claim.token) == 1
                if isHeld { held.insert(claim.id) }
            }
            return held
        }
    }

    private func nextDueIn() async throws -> Duration? {
        let now = database.clock.now
        return try await database.look { try Self.nextDueIn($0, now) }
    }

    private static func nextDueIn(_ database: Database, _ now: Timestamp) throws -> Duration? {
        try database.first("SELECT due FROM windows ORDER BY due LIMIT 1") { max(.zero, $0.timestamp(0) - now) }
    }
}
