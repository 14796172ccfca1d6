import SheafCore

extension PostgresTransaction {
    func retract(_ events: [EventID]) throws -> [EventID] {
        let known = try live(events)
        guard !known.isEmpty else { return [] }
        let unassigned = known.filter { $0.window == nil }.map(\.id)
        let answers = try exchange([
            WindowRow.lock(Set(known.compactMap(\.window))), Self.lockUnassigned(unassigned),
        ])
        let windows = Set(try answers[0].map { try $0.integer(0) })
        let free = Set(try answers[1].map { try $0.identifier(0, of: Event.self) })
        // An event that moved between reading and locking is skipped.
        let held = try live(known.map(\.id)).filter { $0.window.map(windows.contains) ?? free.contains($0.id) }
        let left = try end(held)
        session.later(WindowRow.remove(left))
        try removeEmpty(left.keys)
        return held.map(\.id)
    }

    /// Retracts what events that are about to be stored take back.
    /// - Parameters:
    ///   - targets: the recipients and types whose windows are locked.
    ///   - windows: the locked windows, possibly with others.
    /// - Returns: the plan, and how many events have left each window, which the caller writes
    ///   (``WindowRow/remove(_:)``).
    func retract(
        by events: [AdmittedEvent], among targets: Set<RetractionPlan.Target>, _ windows: PostgresRows
    ) throws -> (plan: RetractionPlan, left: [WindowID: Int]) {
        guard !targets.isEmpty else { return (RetractionPlan(events, live: []), [:]) }
        let locked = try windows.compactMap { row -> (id: WindowID, range: EventRange)? in
            let key = WindowKey(type: Int(try row.integer(9)), recipient: try row.integer(8), part: nil)
            return targets.contains(.init(key)) ? (try row.integer(1), try EventRange(row, 10, 11)) : nil
        }
        let range = EventRange(locked.map(\.range))
        let found = try session.exchange([
            """
            SELECT \(sql: Event.columns) FROM unnest(\(locked.map(\.id))) AS w (id)
            CROSS JOIN LATERAL (
                SELECT * FROM events WHERE "window" = w.id AND id BETWEEN \(range.first) AND \(range.last)
                    AND status IS NULL OFFSET 0) e
            JOIN sources s ON s.id = e.source
            """,
            """
            SELECT \(sql: Event.columns)
            FROM unnest(\(targets.map(\.recipient)), \(targets.map(\.type))) AS t (recipient, type)
            CROSS JOIN LATERAL (
                SELECT * FROM events
                WHERE "window" IS NULL AND status IS NULL AND recipient = t.recipient AND type = t.type OFFSET 0) e
            JOIN sources s ON s.id = e.source
            """,
        ])
        var live: [EventID: LiveEvent] = [:]
        let candidates = try (Array(found[0]) + Array(found[1])).map { row in
            let event = try Event(row)
            live[event.id] = LiveEvent(
                id: event.id, key: event.windowKey, window: try row.optionalInteger(EventColumn.window))
            return event
        }
        let plan = RetractionPlan(events, live: candidates)
        let retracted = plan.retracted.compactMap { live[$0] }
        let unassigned = retracted.filter { $0.window == nil }.map(\.id)
        guard !unassigned.isEmpty else { return (plan, try end(retracted)) }
        let free = Set(
            try session.rows(Self.lockUnassigned(unassigned)).map { try $0.identifier(0, of: Event.self) })
        let left = try end(retracted.filter { $0.window != nil || free.contains($0.id) })
        let moved = Set(unassigned).subtracting(free)
        guard !moved.isEmpty else { return (plan, left) }
        // Rarely, an event got a window since it was read. If that window is live, it is locked out of order, and a
        // transaction that waits for one of the others may have to be retried.
        let ended = moved.subtracting(try retract(Array(moved)))
        return (RetractionPlan(events, live: candidates.filter { !ended.contains($0.id) }), left)
    }

    /// An event that waits, in a live window or for one.
    private struct LiveEvent {
        let id: EventID
        let key: WindowKey
        let window: WindowID?
    }

    private func live(_ events: [EventID]) throws -> [LiveEvent] {
        guard !events.isEmpty else { return [] }
        let range = EventRange(events)
        return try session.rows(
            """
            SELECT e.id, e.type, e.recipient, e.key_part, e."window" FROM unnest(\(Set(events).sorted())) AS i (id)
            CROSS JOIN LATERAL (
                SELECT * FROM events WHERE id = i.id AND id BETWEEN \(range.first) AND \(range.last)
                    AND status IS NULL OFFSET 0) e
            WHERE e."window" IS NULL OR EXISTS (SELECT FROM windows WHERE id = e."window") ORDER BY e.id
            """
        ).map { row in
            let key = WindowKey(
                type: Int(try row.integer(1)), recipient: try row.integer(2), part: try row.optionalText(3))
            return LiveEvent(id: try row.identifier(0), key: key, window: try row.optionalInteger(4))
        }
    }

    /// Ends events that are locked, or whose windows are, each in a window of its own.
    /// - Returns: how many events have left each window, which is not written yet.
    private func end(_ events: [LiveEvent]) throws -> [WindowID: Int] {
        guard !events.isEmpty else { return [:] }
        let now = try currentMoment()
        let windows = try session.rows(WindowPlacing.numbers(events.count)).map { try $0.integer(0) as WindowID }
        session.later(
            EndedWindowRow.insertion(
                zip(events, windows).map { event, window in
                    EndedWindowRow(
                        window: EndedWindow(
                            id: window, span: WindowSpan(key: event.key, openedAt: now, closesAt: now),
                            isAlone: true, events: 1, endedAt: now, notification: nil, reason: Retraction.reason),
                        range: EventRange([event.id]))
                }))
        move(zip(events, windows).map { (event: $0.id, window: $1) })
        var left: [WindowID: Int] = [:]
        for case let window? in events.map(\.window) { left[window, default: 0] += 1 }
        let assigned = left.values.reduce(0, +)
        counts += StoreCounts(events: -assigned, unassigned: assigned - events.count)
        return left
    }

    /// Deletes those of `windows` without events, unless the window's leading event was already notified.
    func removeEmpty(_ windows: some Sequence<WindowID>) throws {
        let windows = Array(windows)
        guard !windows.isEmpty else { return }
        let removed = try session.rows(
            """
            DELETE FROM windows
            WHERE id = ANY(\(windows.sorted())) AND events = 0 AND (leader IS NULL OR state <> 0)
            RETURNING \(sql: WindowRow.isShownInRow)
            """)
        counts.windows -= try removed.filter { try $0.boolean(0) }.count
    }
}
