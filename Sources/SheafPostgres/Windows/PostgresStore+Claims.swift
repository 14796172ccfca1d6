public import SheafCore

extension PostgresStore {
    public func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow> {
        await database.outbox.listen()
        return try await database.transaction { try Self.claim(limits, lease: lease, $0) }
    }

    /// How long a worker waits if it finds only windows of recipients that other workers are digesting.
    private static let contendedPause = Duration.milliseconds(25)

    private static func claim(
        _ limits: ClaimLimits, lease: Duration, _ session: PostgresSession
    ) throws -> ClaimBatch<ClaimedWindow> {
        let (excluded, declared) = (Array(limits.excluding), Array(limits.declared ?? []))
        // Types with lower codes are built in and always claimed.
        let bound = limits.declared == nil ? Int64.max : Int64(EventType.firstDeclaredCode)
        // Windows that others hold are considered only if no unheld window is due.
        let next: PostgresQuery = """
            WITH RECURSIVE limits (excluded, bound, declared) AS (SELECT \(excluded), \(bound), \(declared)),
                \(sql: WindowRow.types), \(sql: types)
            SELECT CASE WHEN free.due <= now.at THEN 0 ELSE least(free.due, (
                SELECT min(lease_until) FROM types t
                JOIN windows w ON w.type = t.type AND w.due <= now.at AND w.lease_until > now.at)) - now.at END
            FROM (SELECT \(sql: SQL.now) AS at OFFSET 0) now
            LEFT JOIN LATERAL (
                SELECT w.due FROM types t CROSS JOIN LATERAL (
                    SELECT due FROM windows WHERE type = t.type AND lease_until <= now.at ORDER BY due, id LIMIT 1
                ) w ORDER BY w.due LIMIT 1
            ) free ON true
            """
        // Windows locked by others are skipped, so a worker never waits.
        let answers = try session.exchange([
            """
            WITH RECURSIVE limits (excluded, bound, declared) AS (SELECT \(excluded), \(bound), \(declared)),
                \(sql: WindowRow.types), \(sql: types)
            SELECT w.* FROM types t CROSS JOIN LATERAL (
                SELECT \(sql: WindowRow.columns), first.id AS first FROM windows w
                CROSS JOIN LATERAL (
                    SELECT id, lease_until FROM windows
                    WHERE recipient = w.recipient AND type = w.type AND due <= (SELECT \(sql: SQL.now))
                    ORDER BY due, id LIMIT 1
                ) first
                WHERE w.type = t.type AND w.due <= (SELECT \(sql: SQL.now))
                    AND w.lease_until <= (SELECT \(sql: SQL.now)) AND first.lease_until <= (SELECT \(sql: SQL.now))
                ORDER BY w.due, w.id LIMIT \(max(0, limits.windows)) FOR UPDATE OF w SKIP LOCKED
            ) w
            ORDER BY w.due, w.id LIMIT \(max(0, limits.windows))
            """,
            "SELECT \(sql: SQL.now)",
        ])
        let now = try answers[1][0].timestamp(0)
        var (rows, count, bytes): ([WindowRow], Int, Int) = ([], 0, 0)
        // One worker at a time holds a recipient's windows of a type, in the order in which they fell due. A worker
        // that did not lock the first must not claim the others.
        let locked = Set(try answers[0].map { try $0.integer(0) })
        for row in answers[0] where count < limits.events && bytes < limits.bytes {
            guard locked.contains(try row.integer(WindowRow.end)) else { continue }
            let row = try WindowRow(row)
            rows.append(row)
            count += row.events
            bytes += row.bytes
        }
        guard !rows.isEmpty else {
            let nextDueIn = try duration(session.commit([next])[0])
            // Due windows that were skipped belong to other workers for now.
            return ClaimBatch(claims: [], nextDueIn: nextDueIn.map { max($0, contendedPause) })
        }
        let ids = rows.map(\.id)
        let tokens = ids.map { _ in Int64.random(in: 1 ... .max) }
        session.later(
            """
            UPDATE windows w SET state = greatest(w.state, 1), lease_until = \(now + max(lease, .zero)), token = c.token,
                attempt = least(w.attempt, 9223372036854775806) + 1
            FROM unnest(\(ids), \(tokens)) AS c (id, token)
            CROSS JOIN LATERAL (SELECT ctid AS row FROM windows WHERE id = c.id OFFSET 0) found
            WHERE w.ctid = found.row
            """)
        StoreCounts(windows: -rows.count { $0.isShown && $0.state == .open }).add(session)
        // Once the windows are locked: events that were written meanwhile are seen.
        let rest = try session.commit([events(of: rows), next])
        var events: [WindowID: [Event]] = [:]
        for row in rest[0] { events[try row.integer(EventColumn.window), default: []].append(try Event(row)) }
        let claims = zip(rows, tokens).map { row, token in
            ClaimedWindow(
                id: row.id, token: token, revision: row.revision, window: row.span, isAlone: row.isAlone,
                events: (events[row.id] ?? []).sorted { $0.id < $1.id }, attempt: row.attempt.addingClamped(1),
                lateness: now - row.due)
        }
        return ClaimBatch(claims: claims, nextDueIn: try duration(rest[1]))
    }

    /// The claimable types that have windows: one index step for each.
    private static let types: StaticString = """
        types (type) AS (
            SELECT type FROM all_types, limits
            WHERE type <> ALL(excluded) AND (type < bound OR type = ANY(declared))
        )
        """

    private static func events(of windows: [WindowRow]) -> PostgresQuery {
        let (ranges, all) = (windows.map(\.range), EventRange(windows.map(\.range)))
        return """
            SELECT \(sql: Event.columns)
            FROM unnest(\(windows.map(\.id)), \(ranges.map(\.first)), \(ranges.map(\.last))) AS c (id, first, last)
            CROSS JOIN LATERAL (
                SELECT * FROM events WHERE "window" = c.id AND id BETWEEN c.first AND c.last
                    AND id BETWEEN \(all.first) AND \(all.last) AND status IS NULL OFFSET 0) e
            JOIN sources s ON s.id = e.source
            """
    }

    private static func duration(_ rows: PostgresRows) throws -> Duration? {
        try rows[0].optionalInteger(0).map { .microseconds(max(0, $0)) }
    }

    public func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID> {
        guard !claims.isEmpty else { return [] }
        return try await database.transaction { session in
            let (held, now) = try Self.lock(claims, session)
            let ids = Array(held.keys)
            session.later("UPDATE windows SET lease_until = \(now + max(lease, .zero)) WHERE id = ANY(\(ids))")
            return Set(ids)
        }
    }

    public func nack(_ claims: [ClaimedWindow]) async throws {
        guard !claims.isEmpty else { return }
        try await database.transaction { session in
            let (held, now) = try Self.lock(claims, session)
            session.later(
                """
                UPDATE windows SET state = 1, due = \(now), lease_until = 0, token = 0, attempt = attempt - 1
                WHERE id = ANY(\(Array(held.keys)))
                """)
            StoreCounts(windows: -held.values.count(where: \.isShown)).add(session)
        }
        windowsChanged.notify()
    }

    /// Locks the windows of `claims` that are still held, and returns the moment after that.
    private static func lock(
        _ claims: [ClaimedWindow], _ session: PostgresSession
    ) throws -> (held: [WindowID: WindowRow], now: Timestamp) {
        let answers = try session.exchange([
            WindowRow.lock(claims.map(\.id)), "SELECT \(sql: SQL.now)",
        ])
        // A window may be claimed again after its lease has expired, so the claims may have it more than once.
        let tokens = Dictionary(grouping: claims, by: \.id).mapValues { $0.map(\.token) }
        var held: [WindowID: WindowRow] = [:]
        for row in answers[0] {
            let row = try WindowRow(row)
            if tokens[row.id, default: []].contains(where: row.isHeld(by:)) { held[row.id] = row }
        }
        return (held, try answers[1][0].timestamp(0))
    }
}
