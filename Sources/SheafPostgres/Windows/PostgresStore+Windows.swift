public import SheafCore

extension PostgresStore {
    public var windowsChanged: WakeUp { database.outbox.windowsChanged }

    public func postpone(_ postponements: [Postponement]) async throws {
        guard !postponements.isEmpty else { return }
        try await database.transaction { session in
            let keys = Array(Set(postponements.map(\.claim.window.key)))
            // Serialised, or two windows of a key would not see each other wait. The number is "merge" in ASCII.
            session.later("SELECT pg_advisory_xact_lock(469853431653)")
            // Waiting windows with the same keys are locked with them, in the common lock order.
            let answers = try session.exchange([
                """
                SELECT \(sql: WindowRow.columns) FROM windows w
                WHERE id = ANY(\(postponements.map(\.claim.id)) || ARRAY(
                    SELECT o.id FROM unnest(\(keys.map(\.bytes))) AS k (key) CROSS JOIN LATERAL
                        (SELECT id FROM windows WHERE key = sha256(k.key) AND state = 2 OFFSET 0) o))
                ORDER BY key, id FOR UPDATE
                """,
                "SELECT \(sql: SQL.now)",
            ])
            let rows = try answers[0].map { try WindowRow($0) }
            var merging = WindowMerging(rows, at: try answers[1][0].timestamp(0))
            for postponement in postponements.sorted(by: { $0.claim.id < $1.claim.id }) { merging.add(postponement) }
            Self.write(merging, of: rows, session)
            let shown = Set(rows.lazy.filter(\.isShown).map(\.id))
            let more = merging.changed.count { !shown.contains($0.id) }
            StoreCounts(windows: more - merging.moves.keys.count(where: shown.contains)).add(session)
        }
        windowsChanged.notify()
    }

    private static func write(_ merging: WindowMerging, of rows: [WindowRow], _ session: PostgresSession) {
        let (windows, moves) = (merging.changed, merging.moves.sorted { $0.key < $1.key })
        guard !windows.isEmpty else { return }
        let own = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.range) })
        var joined = own
        for (origin, target) in moves {
            joined[target] = EventRange([joined[target], own[origin]].compactMap(\.self))
        }
        let ranges = windows.map { joined[$0.id] ?? EventRange([EventID]()) }
        session.later(
            """
            UPDATE windows w SET state = 2, due = u.due, token = 0, lease_until = 0, wait_reason = u.reason, attempt = u.attempt,
                events = u.events, bytes = u.bytes, revision = w.revision + 1,
                first_event = least(w.first_event, u.first_event), last_event = greatest(w.last_event, u.last_event)
            FROM unnest(
                \(windows.map(\.id)), \(windows.map(\.due)), \(windows.map(\.reason?.rawValue)),
                \(windows.map(\.attempt)), \(windows.map(\.events)), \(windows.map(\.bytes)),
                \(ranges.map(\.first)), \(ranges.map(\.last))
            ) AS u (id, due, reason, attempt, events, bytes, first_event, last_event)
            WHERE w.id = u.id
            """)
        guard !moves.isEmpty else { return }
        let moved = EventRange(moves.compactMap { own[$0.key] })
        session.later(
            """
            UPDATE events e SET "window" = m.target
            FROM unnest(\(moves.map(\.key)), \(moves.map(\.value))) AS m (origin, target)
            WHERE e."window" = m.origin AND e.id BETWEEN \(moved.first) AND \(moved.last)
            """)
        session.later(WindowRow.delete(moves.map(\.key)))
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        let isFlushed = try await database.run(
            """
            UPDATE windows SET due = least(due, \(sql: SQL.now)),
                -- The digest of one that is being tried again goes on.
                revision = revision + CASE state WHEN 0 THEN 1 ELSE 0 END,
                closes_at = CASE state WHEN 0 THEN least(closes_at, \(sql: SQL.now)) ELSE closes_at END
            WHERE key = sha256(\(key.bytes))
                AND (state = 0 AND NOT alone OR state = 2 AND wait_reason = \(WaitReason.service.rawValue))
            RETURNING 1
            """
        ) { !$0.isEmpty }
        if isFlushed { windowsChanged.notify() }
        return isFlushed
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        try await database.access { session in
            // The last row that is read is marked as such, whether it is shown or not.
            let answers = try session.exchange([
                """
                SELECT \(sql: WindowRow.columns), w.place = \(LiveWindowPage.readLimit) FROM (
                    SELECT *, row_number() OVER (ORDER BY id) AS place FROM windows
                    WHERE id > \(cursor ?? 0) ORDER BY id LIMIT \(LiveWindowPage.readLimit)
                ) w
                WHERE \(sql: WindowRow.isShownInRow) OR w.place = \(LiveWindowPage.readLimit)
                ORDER BY id LIMIT \(limit + 1)
                """,
                StoreCounts.stored,
            ])
            let rows = try answers[0].map { try WindowRow($0) }
            let page = rows.filter(\.isShown).prefix(limit)
            let isCut = try rows.count > limit || answers[0].last?.boolean(WindowRow.end) == true
            return LiveWindowPage(
                items: page.map(\.view), total: try StoreCounts(answers[1][0]).windows,
                next: isCut ? (rows.count > limit ? page.last : rows.last)?.id : nil)
        }
    }

    public func outlook(of event: Event) async throws -> EventOutlook {
        try await database.access { session in
            let answers = try session.exchange([
                """
                SELECT 1 FROM producer_ids p JOIN sources s ON s.id = p.source
                WHERE p.producer_id = \(event.producerID.map(StoredProducerID.init)) AND s.name = \(event.source)
                """,
                """
                SELECT \(sql: WindowRow.columns) FROM windows w
                WHERE key = sha256(\(event.windowKey.bytes)) AND state = 0 AND NOT alone
                """,
            ])
            return EventOutlook(
                isKnown: !answers[0].isEmpty, openWindow: try answers[1].first.map { try WindowRow($0).view })
        }
    }

    public func liveWindow(_ id: WindowID) async throws -> LiveWindow? {
        try await database.run("SELECT \(sql: WindowRow.columns) FROM windows w WHERE id = \(id)") {
            try $0.first.map { try WindowRow($0).view }
        }
    }

    public func endedWindow(_ id: WindowID) async throws -> EndedWindow? {
        try await database.run("SELECT \(sql: EndedWindow.columns) FROM ended_windows WHERE id = \(id)") {
            try $0.first.map { try EndedWindow($0) }
        }
    }
}
