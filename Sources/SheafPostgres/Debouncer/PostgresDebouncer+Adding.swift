public import SheafCore

extension PostgresDebouncer {
    /// How often a batch begins anew because another opened a window of its keys meanwhile.
    private static let attempts = RetryPolicy(maxAttempts: 20, base: .milliseconds(1), cap: .milliseconds(50))

    public func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] {
        guard !entries.isEmpty else { return [] }
        var attempt = 1
        while true {
            do {
                return try await database.access { session in try session.inTransaction { try Self.add(entries, $0) } }
            } catch is WindowOpenedMeanwhile where Self.attempts.allowsAttempt(after: attempt) {
                try await database.clock.sleep(for: Self.attempts.delay(after: attempt))
                attempt += 1
            } catch is WindowOpenedMeanwhile {
                throw SheafError(.unavailable, "windows of these keys are opened too often by others")
            }
        }
    }

    private static func add(
        _ entries: [DebounceEntry], _ session: PostgresSession
    ) throws -> [DebounceAdmission] {
        let rows = try lock(Set(entries.map(\.key)), session)
        let (now, events) = try waiting(entries, in: rows, session)
        var adding = WindowAdding(now: now, rows: rows, events: events)
        let admissions = entries.map { adding.add($0) }
        update(adding.changed, session)
        let ids = try insert(adding.opened, session)
        fill(adding.filled, ids, session)
        return admissions
    }

    /// Reads all windows of `keys`, and has the transaction be the only one to change them.
    private static func lock(_ keys: Set<WindowKey>, _ session: PostgresSession) throws -> [WindowRow] {
        // In one order for all, so that no two transactions wait for each other.
        try session.rows(
            """
            SELECT \(sql: WindowRow.columns)
            FROM unnest(\(keys.map(\.bytes))) AS k (key) JOIN windows w ON sha256(w.key) = sha256(k.key) AND w.key = k.key
            ORDER BY w.id FOR UPDATE OF w
            """
        ).map { try WindowRow($0) }
    }

    /// The moment of the batch, once its windows are locked, and which of the entries' events wait in them already.
    private static func waiting(
        _ entries: [DebounceEntry], in rows: [WindowRow], _ session: PostgresSession
    ) throws -> (Timestamp, [WindowID: Set<EventID>]) {
        let windows = Dictionary(grouping: rows, by: \.key)
        var pairs: [(window: WindowID, event: EventID)] = []
        for entry in entries {
            for row in windows[entry.key] ?? [] { pairs.append((row.id, entry.event)) }
        }
        let answers = try session.exchange([
            "SELECT \(sql: SQL.now)",
            """
            SELECT e."window", e.event FROM unnest(\(pairs.map(\.window)), \(pairs.map(\.event))) AS p ("window", event)
            JOIN window_events e ON e."window" = p."window" AND e.event = p.event
            """,
        ])
        var events: [WindowID: Set<EventID>] = [:]
        for row in answers[1] { events[try row.integer(0), default: []].insert(try row.identifier(1)) }
        return (try answers[0][0].timestamp(0), events)
    }

    private static func update(_ windows: [WindowAdding.Window], _ session: PostgresSession) {
        guard !windows.isEmpty else { return }
        session.later(
            """
            UPDATE windows w SET state = u.state, due = u.closes_at, closes_at = u.closes_at, events = u.events
            FROM unnest(
                \(windows.map { $0.id }), \(windows.map(\.state.rawValue)), \(windows.map(\.window.closesAt)),
                \(windows.map(\.window.events))
            ) AS u (id, state, closes_at, events)
            WHERE w.id = u.id
            """)
    }

    /// Writes windows that were opened.
    /// - Returns: their numbers, in their order.
    private static func insert(
        _ windows: [WindowAdding.Window], _ session: PostgresSession
    ) throws -> [ObjectIdentifier: WindowID] {
        guard !windows.isEmpty else { return [:] }
        let inserted = try session.rows(
            """
            INSERT INTO windows (id, key, recipient, state, due, opened_at, closes_at, events, leader)
            SELECT n.id, n.key, n.recipient, n.state, n.closes_at, n.opened_at, n.closes_at, n.events, n.leader
            FROM (
                SELECT nextval(pg_get_serial_sequence('windows', 'id')) AS id, o.* FROM unnest(
                    \(windows.map(\.key.bytes)), \(windows.map(\.key.recipient)), \(windows.map(\.state.rawValue)),
                    \(windows.map(\.window.openedAt)), \(windows.map(\.window.closesAt)),
                    \(windows.map(\.window.events)), \(windows.map(\.window.leader))
                ) AS o (key, recipient, state, opened_at, closes_at, events, leader)
            ) n
            ORDER BY sha256(n.key), n.id
            ON CONFLICT (sha256(key)) WHERE state = 0 DO NOTHING
            RETURNING id
            """
        ).map { try $0.integer(0) }
        // Another transaction opened a window of one of the keys after this one had looked.
        guard inserted.count == windows.count else { throw WindowOpenedMeanwhile() }
        return Dictionary(uniqueKeysWithValues: zip(windows.map { ObjectIdentifier($0) }, inserted.sorted()))
    }

    private static func fill(
        _ windows: [WindowAdding.Window], _ ids: [ObjectIdentifier: WindowID], _ session: PostgresSession
    ) {
        var places: [(window: WindowID, event: EventID)] = []
        for window in windows {
            guard let id = window.id ?? ids[ObjectIdentifier(window)] else { continue }
            for event in window.newEvents { places.append((id, event)) }
        }
        guard !places.isEmpty else { return }
        session.later(
            """
            INSERT INTO window_events ("window", event)
            SELECT * FROM unnest(\(places.map(\.window)), \(places.map(\.event)))
            """)
    }
}

/// Another transaction opened a window that this one was about to open.
private struct WindowOpenedMeanwhile: Error {}
