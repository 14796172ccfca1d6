import GRDB
import SheafCore

extension SQLiteTransaction {
    func accept(_ events: [AdmittedEvent]) throws -> [AppendOutcome] {
        if events.needRevision {
            try events.check(
                against: database.first("SELECT ifnull(max(number), 0) FROM type_revisions") { Int($0.integer(0)) } ?? 0
            )
        }
        // Most batches have events of a single source.
        var (name, number) = ("", Int64(0))
        let numbers = try events.enumerated().map { index, admitted in
            let source = admitted.event.source
            if index == 0 || !source.utf8.elementsEqual(name.utf8) {
                (name, number) = (source, try sources.number(of: source, in: self))
            }
            return number
        }
        let ids = events.map { $0.event.producerID.map(StoredProducerID.init) }
        let claimants = events.indices.filter { ids[$0] != nil }
        let holders = try producerIDs.claim(
            claimants.compactMap { index in ids[index].map { ($0, numbers[index], events[index].event.id) } },
            in: database)
        var outcomes = [AppendOutcome](repeating: .stored, count: events.count)
        for (index, holder) in zip(claimants, holders) {
            if let holder { outcomes[index] = .duplicate(of: holder) }
        }
        let stored = events.indices.filter { outcomes[$0] == .stored }
        let plan = try retract(by: stored.count == events.count ? events : stored.map { events[$0] })
        let left = try end(plan.retracted)
        let windows = try place(plan.events)
        try removeEmpty(left)
        for (index, count) in zip(stored, plan.counts) where count > 0 { outcomes[index] = .retracting(count) }
        let insert = try PreparedStatement(EventRow.insertion.sql, in: database)
        for (index, window) in zip(stored, windows) {
            try insert.insert(
                EventRow(
                    event: events[index].event, window: window, source: numbers[index], producerID: ids[index]))
        }
        try note(plan.notes(at: now))
        counts.unassigned += windows.count { $0 == nil }
        return outcomes
    }

    /// Opens, joins and closes the windows of `events`.
    /// - Returns: the window of each event, in the same order; `nil` for an event that gets none.
    private func place(_ events: [AdmittedEvent]) throws -> [WindowID?] {
        let query = try PreparedStatement(
            """
            SELECT \(WindowRow.columns) FROM windows
            WHERE recipient = ? AND type = ? AND key_part IS ? AND state = 0 AND alone = 0
            """, in: database)
        let open = try WindowPlan.keys(of: events).compactMap { key in
            try query.first(key.recipient, key.type, key.part, map: WindowRow.init(columns:))
        }
        var plan = WindowPlan(
            at: now, open: open.map { ($0.id, $0.key, $0.window) },
            zones: try database.zones(of: WindowPlan.recipients(of: events)))
        let places = events.map { plan.add($0) }
        if let dueAt = plan.dueAt { effects.note(dueAt: dueAt) }
        counts += plan.counts
        var placed: [[EventID]] = Array(repeating: [], count: plan.windows.count)
        for (event, place) in zip(events, places) {
            if let place, plan.windows[place].suppression != nil { placed[place].append(event.event.id) }
        }
        let ids = try write(plan, suppressed: placed)
        return places.map { place in place.map { ids[$0] } }
    }

    /// - Parameter suppressed: the events of each window that ends at once.
    /// - Returns: the numbers of the plan's windows, by index.
    private func write(_ plan: WindowPlan, suppressed: [[EventID]]) throws -> [WindowID] {
        let insert = try PreparedStatement(
            """
            INSERT INTO windows (
                recipient, type, key_part, alone, state, due, opened_at, closes_at, events, bytes, leader, rule
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: database)
        let join = try PreparedStatement(
            "UPDATE windows SET events = ?, bytes = ?, revision = revision + 1 WHERE id = ?", in: database)
        let change = try PreparedStatement(
            """
            UPDATE windows SET state = ?, due = ?, closes_at = ?, revision = revision + (events <> ?), events = ?, bytes = ?
            WHERE id = ?
            """, in: database)
        return try zip(plan.windows, suppressed).map { window, events in
            if let reason = window.suppression { return try insertSuppressed(window, of: events, reason) }
            let state: WindowRow.State = window.isClosed ? .closed : .open
            guard let id = window.id else {
                try insert.run(
                    window.key.recipient, window.key.type, window.key.part, window.isAlone ? 1 : 0, state.rawValue,
                    window.state.closesAt, window.state.openedAt, window.state.closesAt, window.state.events,
                    window.state.bytes, window.state.leader, window.state.rule?.text)
                return database.lastInsertedRowID
            }
            if window.isChanged {
                // Not writing an unchanged due time spares its index.
                if !window.isClosed && !window.isMoved {
                    try join.run(window.state.events, window.state.bytes, id)
                } else {
                    try change.run(
                        state.rawValue, window.state.closesAt, window.state.closesAt, window.state.events,
                        window.state.events, window.state.bytes, id)
                }
            }
            return id
        }
    }

    func readmit(_ events: [EventID], as admission: (Event) -> Admission?) throws -> [Event] {
        let query = try PreparedStatement(
            """
            SELECT \(Event.columns), status IS NULL FROM events
            WHERE id = ? AND (status = 3 OR (status IS NULL AND "window" IS NULL))
            """, in: database)
        let admitted: [AdmittedEvent] = try Set(events).sorted().compactMap { id in
            let found = try query.first(id) { columns in
                let event = try Event(columns: columns, sources: sources, database: database)
                return event.map { (event: $0, isUnassigned: columns.integer(EventColumn.end) == 1) }
            }
            guard let found, let admission = admission(found.event) else { return nil }
            if found.isUnassigned { counts.unassigned -= 1 }
            return AdmittedEvent(found.event, admission)
        }
        let update = try PreparedStatement(
            "UPDATE events SET \"window\" = ?, status = NULL, reason = NULL, finished_at = NULL WHERE id = ?",
            in: database)
        let windows = try place(admitted)
        for (admitted, window) in zip(admitted, windows) { try update.run(window, admitted.event.id) }
        counts.unassigned += windows.count { $0 == nil }
        return admitted.map(\.event)
    }

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        let dead = try events.filter { event in
            try database.run(
                """
                UPDATE events SET status = ?, reason = ?, finished_at = ?
                WHERE id = ? AND status IS NULL AND "window" IS NULL
                """,
                EventStatus.dead.rawValue, reason, now, event) == 1
        }
        counts.unassigned -= dead.count
        return dead
    }
}
