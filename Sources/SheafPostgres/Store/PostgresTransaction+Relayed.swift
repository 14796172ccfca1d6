import SheafCore

extension PostgresTransaction {
    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow> {
        guard !windows.isEmpty else { return [] }
        let answers = try exchange([
            Self.lockUnassigned(windows.flatMap(\.events)), WindowPlacing.numbers(windows.count),
        ])
        let now = try currentMoment()
        var assigning = try EventAssigning(free: answers[0], numbers: answers[1])
        let adopted = windows.compactMap { window in
            assigning.assign(window.events).map { (id: $0, window: window, due: now + max(window.delay, .zero)) }
        }
        guard !adopted.isEmpty else { return [] }
        let keys = adopted.map(\.window.span.key)
        let ranges = adopted.map { EventRange($0.window.events) }
        session.later(
            """
            INSERT INTO windows
                (id, key, type, recipient, key_part, state, alone, due, opened_at, closes_at, events, bytes,
                 attempt, wait_reason, first_event, last_event)
            SELECT n.id, sha256(n.key), n.type, n.recipient, n.key_part, 2, false, n.due, n.opened_at, n.closes_at,
                n.events, n.bytes, n.attempt, n.reason, n.first_event, n.last_event
            FROM unnest(
                \(adopted.map(\.id)), \(keys.map(\.bytes)), \(keys.map(\.type)), \(keys.map(\.recipient)),
                \(keys.map(\.part)), \(adopted.map(\.due)), \(adopted.map(\.window.span.openedAt)),
                \(adopted.map(\.window.span.closesAt)), \(adopted.map(\.window.events.count)),
                \(adopted.map(\.window.bytes)), \(adopted.map(\.window.attempt)),
                \(adopted.map(\.window.reason.rawValue)), \(ranges.map(\.first)), \(ranges.map(\.last))
            ) AS n (id, key, type, recipient, key_part, due, opened_at, closes_at, events, bytes, attempt, reason,
                first_event, last_event)
            """)
        write(assigning)
        noteWindows(dueAt: adopted.map(\.due).min())
        counts += StoreCounts(events: adopted.reduce(0) { $0 + $1.window.events.count }, windows: adopted.count)
        return Set(adopted.map(\.window))
    }

    /// Locks those of `events` that have neither a window nor an outcome, in the common lock order.
    static func lockUnassigned(_ events: [EventID]) -> PostgresQuery {
        let range = EventRange(events)
        return """
            -- By the identifier alone, or the index of those without a window is read for each.
            SELECT e.id FROM unnest(\(Set(events).sorted())) AS i (id) CROSS JOIN LATERAL (
                SELECT id, "window", status FROM events
                WHERE id = i.id AND id BETWEEN \(range.first) AND \(range.last) OFFSET 0 FOR UPDATE) e
            WHERE e."window" IS NULL AND e.status IS NULL
            """
    }

    func write(_ assigning: EventAssigning) {
        counts.unassigned -= assigning.pairs.count
        move(assigning.pairs)
    }

    /// Moves events that are locked into windows.
    func move(_ pairs: [(event: EventID, window: WindowID)]) {
        guard !pairs.isEmpty else { return }
        let range = EventRange(pairs.map(\.event))
        session.later(
            """
            UPDATE events e SET "window" = p."window" FROM unnest(\(pairs.map(\.event)), \(pairs.map(\.window)))
                AS p (id, "window")
            CROSS JOIN LATERAL (
                SELECT tableoid AS part, ctid AS row FROM events
                WHERE id = p.id AND id BETWEEN \(range.first) AND \(range.last) OFFSET 0) found
            WHERE e.ctid = found.row AND e.tableoid = found.part AND e.id BETWEEN \(range.first) AND \(range.last)
            """)
    }

    func readmit(_ events: [EventID], as admission: (Event) -> Admission?) throws -> [Event] {
        guard !events.isEmpty else { return [] }
        let range = EventRange(events)
        // Windows are locked before events, and are found by the events.
        let known = try session.rows(
            """
            SELECT \(sql: Event.columns) FROM unnest(\(Set(events).sorted())) AS i (id)
            CROSS JOIN LATERAL (
                SELECT * FROM events WHERE id = i.id AND id BETWEEN \(range.first) AND \(range.last)
                    AND \(sql: Self.isReadmissible) OFFSET 0) e
            JOIN sources s ON s.id = e.source
            """
        ).map { try Event($0) }.sorted { $0.id < $1.id }
        let admitted = known.compactMap { event in admission(event).map { AdmittedEvent(event, $0) } }
        guard !admitted.isEmpty else { return [] }
        let placing = WindowPlacing(admitted)
        placing.enter(session)
        let answers = try exchange(
            placing.queries + [
                """
                SELECT e.id, e.status IS NULL FROM unnest(\(admitted.map(\.event.id))) AS i (id) CROSS JOIN LATERAL (
                    SELECT id, status FROM events WHERE id = i.id AND id BETWEEN \(range.first) AND \(range.last)
                        AND \(sql: Self.isReadmissible) OFFSET 0 FOR UPDATE) e
                """
            ])
        let free = Set(try answers[3].map { try $0.identifier(0, of: Event.self) })
        let kept = admitted.filter { free.contains($0.event.id) }
        guard !kept.isEmpty else { return [] }
        let placed = try placing.place(kept, answers.prefix(3), session)
        noteWindows(dueAt: placed.dueAt)
        counts += placed.counts
        counts.unassigned += placed.windows.count { $0 == nil } - (try answers[3].filter { try $0.boolean(1) }.count)
        session.later(
            """
            UPDATE events e SET "window" = p."window", status = NULL, reason = NULL, finished_at = NULL
            FROM unnest(\(kept.map(\.event.id)), \(placed.windows)) AS p (id, "window")
            CROSS JOIN LATERAL (
                SELECT tableoid AS part, ctid AS row FROM events
                WHERE id = p.id AND id BETWEEN \(range.first) AND \(range.last) OFFSET 0) found
            WHERE e.ctid = found.row AND e.tableoid = found.part AND e.id BETWEEN \(range.first) AND \(range.last)
            """)
        return kept.map(\.event)
    }

    private static let isReadmissible: StaticString = "(status = 3 OR status IS NULL AND \"window\" IS NULL)"

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        guard !events.isEmpty else { return [] }
        var free = Set(try exchange([Self.lockUnassigned(events)])[0].map { try $0.identifier(0, of: Event.self) })
        session.later(
            """
            UPDATE events SET status = \(EventStatus.dead.rawValue), reason = \(reason),
                finished_at = \(try currentMoment())
            WHERE id = ANY(\(Array(free)))
            """)
        counts.unassigned -= free.count
        return events.filter { free.remove($0) != nil }
    }
}

/// Assigns unassigned events to new windows: all of a window's events or none.
struct EventAssigning {
    private var free: Set<EventID>
    private var numbers: [WindowID]
    private(set) var pairs: [(event: EventID, window: WindowID)] = []

    /// - Parameters:
    ///   - free: the locked events that have neither a window nor an outcome.
    ///   - numbers: a number for each window that may be created.
    init(free: PostgresRows, numbers: PostgresRows) throws {
        self.free = Set(try free.map { try $0.identifier(0, of: Event.self) })
        self.numbers = try numbers.map { try $0.integer(0) }.reversed()
    }

    /// - Returns: the window of `events`; `nil` if one of them is not free.
    mutating func assign(_ events: [EventID]) -> WindowID? {
        guard events.allSatisfy(free.contains), let id = numbers.popLast() else { return nil }
        free.subtract(events)
        for event in events { pairs.append((event, id)) }
        return id
    }
}
