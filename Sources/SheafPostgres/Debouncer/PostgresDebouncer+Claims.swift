public import SheafCore

extension PostgresDebouncer {
    public func claim(windows limit: Int, events: Int, lease: Duration) async throws -> ClaimBatch {
        // Most looks find nothing, and need no transaction.
        let next = try await database.run(Self.nextDueIn, map: Self.duration)
        guard let next, next <= .zero else { return ClaimBatch(claims: [], nextDueIn: next) }
        return try await database.access { session in
            try session.inTransaction { try Self.claim($0, windows: limit, events: events, lease: lease) }
        }
    }

    private static let nextDueIn: PostgresQuery =
        "SELECT (SELECT due FROM windows ORDER BY due LIMIT 1) - \(sql: SQL.now)"

    private static func duration(_ rows: PostgresRows) throws -> Duration? {
        try rows[0].optionalInteger(0).map { .microseconds(max(0, $0)) }
    }

    private static func claim(
        _ session: PostgresSession, windows limit: Int, events limitOfEvents: Int, lease: Duration
    ) throws -> ClaimBatch {
        let answers = try session.exchange([
            """
            SELECT \(sql: WindowRow.columns) FROM windows w WHERE due <= (SELECT \(sql: SQL.now))
            ORDER BY due, id LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """,
            "SELECT \(sql: SQL.now)",
        ])
        let due = try answers[0].map { try WindowRow($0) }
        let now = try answers[1][0].timestamp(0)
        var rows: [(row: WindowRow, token: Int64)] = []
        var count = 0
        for row in due where count < limitOfEvents {
            rows.append((row, Int64.random(in: 1 ... .max)))
            count += row.window.events
        }
        guard !rows.isEmpty else {
            return ClaimBatch(claims: [], nextDueIn: try duration(session.commit([nextDueIn])[0]))
        }
        session.later(
            """
            UPDATE windows w SET state = \(WindowRow.State.claimed.rawValue), due = \(now + lease), token = c.token,
                attempt = w.attempt + 1
            FROM unnest(\(rows.map(\.row.id)), \(rows.map(\.token))) AS c (id, token)
            CROSS JOIN LATERAL (SELECT ctid AS row FROM windows WHERE id = c.id OFFSET 0) found
            WHERE w.ctid = found.row
            """)
        let rest = try session.commit([
            """
            SELECT "window", event FROM window_events WHERE "window" = ANY(\(rows.map(\.row.id)))
            ORDER BY "window", event
            """,
            nextDueIn,
        ])
        var events: [WindowID: [EventID]] = [:]
        for row in rest[0] { events[try row.integer(0), default: []].append(try row.identifier(1)) }
        let claims = rows.map { row, token in
            WindowClaim(
                id: row.id, token: token,
                window: ClosedWindow(key: row.key, openedAt: row.window.openedAt, closesAt: row.window.closesAt),
                events: events[row.id] ?? [], attempt: row.attempt + 1,
                lateness: max(.zero, now - row.window.closesAt))
        }
        return ClaimBatch(claims: claims, nextDueIn: try duration(rest[1]))
    }

    public func acknowledge(_ claims: [WindowClaim]) async throws {
        guard !claims.isEmpty else { return }
        // Nothing is added to a window that is claimed, so what the statement sees of its events is all.
        try await database.run(
            """
            WITH gone AS (
                DELETE FROM windows w USING unnest(\(claims.map(\.id)), \(claims.map(\.token))) AS c (id, token)
                WHERE w.id = c.id AND w.token = c.token AND w.token <> 0 RETURNING w.id
            )
            DELETE FROM window_events e USING gone WHERE e."window" = gone.id
            """)
    }

    public func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws {
        guard !claims.isEmpty else { return }
        try await database.run(
            """
            UPDATE windows w SET state = \(WindowRow.State.closed.rawValue), token = 0,
                due = (SELECT \(sql: SQL.now)) + c.delay
            FROM unnest(\(claims.map(\.id)), \(claims.map(\.token)), \(claims.map { delay($0).microseconds }))
                AS c (id, token, delay)
            WHERE w.id = c.id AND w.token = c.token AND w.token <> 0
            """)
    }

    public func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID> {
        guard !claims.isEmpty else { return [] }
        return try await database.run(
            """
            UPDATE windows w SET due = (SELECT \(sql: SQL.now)) + \(lease.microseconds)
            FROM unnest(\(claims.map(\.id)), \(claims.map(\.token))) AS c (id, token)
            WHERE w.id = c.id AND w.token = c.token AND w.token <> 0 RETURNING w.id
            """
        ) { Set(try $0.map { try $0.integer(0) }) }
    }
}
