import SheafCore

/// Places a batch of events in windows: what to read and lock for ``WindowPlan``, and how to write the plan. A batch of
/// any size takes the same few statements.
struct WindowPlacing {
    /// The number of the lock for opening windows, taken shared or exclusively: "windo" in ASCII.
    private static let turnstile: Int64 = 512_869_950_575
    /// The first number of the locks between accepting events and changing a time zone: "zones" in ASCII. There are so
    /// many that a batch takes few of them, and most batches share none.
    private static let zones: Int64 = 525_855_516_019
    private static let zoneStripes: Int64 = 64
    /// From which attempt on a transaction runs alone, since others kept opening windows of its keys.
    private static let attemptsBesideOthers = 2

    private let keys: [WindowKey]
    /// The recipients and types whose live events the batch may retract.
    let targets: Set<RetractionPlan.Target>
    /// The recipients whose time zones decide when windows close.
    private let recipients: Set<RecipientID>
    /// How many windows the batch probably opens.
    private let reserve: Int

    init(_ events: [AdmittedEvent]) {
        let keys = WindowPlan.keys(of: events)
        self.keys = Array(keys)
        targets = RetractionPlan.targets(of: events)
        recipients = WindowPlan.recipients(of: events)
        reserve = keys.count + events.count { $0.admission.isAlone }
    }

    /// Sent before anything is locked.
    ///
    /// Two transactions may both find that a key has no open window. One of them then violates the unique index and is
    /// retried. If this happens to it repeatedly, it waits for the others and keeps new ones out.
    func enter(_ session: PostgresSession) {
        guard !keys.isEmpty else { return }
        if !recipients.isEmpty {
            // Held until the end: the zone that was read must still be the recipient's when the window becomes visible.
            let stripes = Set(recipients.map(Self.zoneLock)).sorted()
            session.later("SELECT pg_advisory_xact_lock_shared(stripe) FROM unnest(\(stripes)) AS s (stripe)")
        }
        session.later(
            session.attempt > Self.attemptsBesideOthers
                ? "SELECT pg_advisory_xact_lock(\(Self.turnstile))"
                : "SELECT pg_advisory_xact_lock_shared(\(Self.turnstile))")
    }

    /// Keeps out transactions that open windows by the recipient's zone, and waits for those in progress.
    static func lockZone(of recipient: RecipientID, _ session: PostgresSession) {
        session.later("SELECT pg_advisory_xact_lock(\(zoneLock(recipient)))")
    }

    private static func zoneLock(_ recipient: RecipientID) -> Int64 {
        zones + Int64(UInt64(bitPattern: recipient) % UInt64(zoneStripes))
    }

    /// Reads and locks the open windows of the batch's keys and the live windows that it may retract from, in the
    /// common lock order. Also reserves numbers for new windows, and reads the clock once all are locked.
    var queries: [PostgresQuery] {
        [targets.isEmpty ? open : openAndTargets, Self.numbers(reserve), "SELECT \(sql: SQL.now)"]
    }

    private var open: PostgresQuery {
        """
        SELECT k.place, w.id, w.opened_at, w.closes_at, w.events, w.leader, w.bytes, w.rule
        FROM (
            SELECT sha256(key) AS digest, place FROM unnest(\(keys.map(\.bytes))) WITH ORDINALITY AS n (key, place)
            ORDER BY digest
        ) k
        CROSS JOIN LATERAL (
            SELECT * FROM windows WHERE key = k.digest AND state = 0 AND NOT alone OFFSET 0 FOR UPDATE
        ) w
        """
    }

    /// A window whose key is not in the batch has no index.
    private var openAndTargets: PostgresQuery {
        let targets = Array(targets)
        return """
            SELECT CASE WHEN w.state = 0 AND NOT w.alone THEN (
                    SELECT n.place FROM unnest(\(keys.map(\.bytes))) WITH ORDINALITY AS n (key, place)
                    WHERE sha256(n.key) = w.key) END,
                w.id, w.opened_at, w.closes_at, w.events, w.leader, w.bytes, w.rule, w.recipient, w.type,
                w.first_event, w.last_event
            FROM windows w WHERE id = ANY(ARRAY(
                SELECT o.id FROM unnest(\(keys.map(\.bytes))) AS n (key) CROSS JOIN LATERAL
                    (SELECT id FROM windows WHERE key = sha256(n.key) AND state = 0 AND NOT alone OFFSET 0) o
            ) || ARRAY(
                SELECT o.id FROM unnest(\(targets.map(\.recipient)), \(targets.map(\.type))) AS t (recipient, type)
                CROSS JOIN LATERAL
                    (SELECT id FROM windows WHERE recipient = t.recipient AND type = t.type OFFSET 0) o))
            ORDER BY w.key, w.id FOR UPDATE OF w
            """
    }

    static func numbers(_ count: Int) -> PostgresQuery {
        "SELECT nextval('window_ids') FROM generate_series(1, \(count))"
    }

    /// The events with their windows, and the changes of windows to write.
    struct Placed {
        let windows: [WindowID?]
        let dueAt: Timestamp?
        /// By how much it changes what live windows count for.
        let counts: StoreCounts
    }

    /// Runs the plan for `events`, a part of the batch, and writes its windows.
    /// - Parameters:
    ///   - left: how many events have left a window since it was read, which is written here.
    ///   - answers: the results of ``queries``.
    func place(
        _ events: [AdmittedEvent], leftBy left: [WindowID: Int] = [:], _ answers: ArraySlice<PostgresRows>,
        _ session: PostgresSession
    ) throws -> Placed {
        let answers = Array(answers)
        let now = try answers[2][0].timestamp(0)
        var plan = WindowPlan(
            at: now,
            open: try answers[0].compactMap { row in
                guard let place = try row.optionalInteger(0) else { return nil }
                let id = try row.integer(1)
                return (
                    id, keys[Int(place) - 1],
                    WindowState(
                        openedAt: try row.timestamp(2), closesAt: try row.timestamp(3),
                        events: Int(try row.integer(4)) - left[id, default: 0], bytes: Int(try row.integer(6)),
                        leader: try row.optionalIdentifier(5),
                        rule: try row.optionalText(7).flatMap { ClosingRule($0) })
                )
            }, zones: try Self.zones(of: recipients, session))
        let places = events.map { plan.add($0) }
        var placed: [[EventID]] = Array(repeating: [], count: plan.windows.count)
        for (event, place) in zip(events, places) {
            if let place { placed[place].append(event.event.id) }
        }
        let ranges = placed.map { EventRange($0) }
        var numbers = try answers[1].map { try $0.integer(0) }
        let missing = plan.windows.count { $0.id == nil } - numbers.count
        if missing > 0 { numbers += try session.rows(Self.numbers(missing)).map { try $0.integer(0) } }
        var free = numbers.makeIterator()
        let ids = plan.windows.map { $0.id ?? free.next() }
        // Windows of keys that had none go first: of these others may have opened some, and whoever waits for a key must
        // not have changed a window yet, or they might wait for each other. A window that closes makes room for the rest.
        let new = plan.windows.indices.compactMap { index in
            plan.windows[index].id == nil
                ? NewWindow(window: plan.windows[index], id: ids[index] ?? 0, range: ranges[index]) : nil
        }
        var opened = new.filter { $0.window.suppression == nil }
        let known = Set(plan.windows.lazy.filter { $0.id != nil }.map(\.key))
        let rest = opened.partition { $0.window.isClosed || known.contains($0.window.key) }
        insert(opened[..<rest], session)
        if !left.isEmpty { session.later(WindowRow.remove(left)) }
        update(zip(plan.windows, ranges).filter { $0.0.id != nil && $0.0.isChanged }, session)
        insert(opened[rest...], session)
        insertSuppressed(new.filter { $0.window.suppression != nil }, at: now, session)
        return Placed(windows: places.map { $0.flatMap { ids[$0] } }, dueAt: plan.dueAt, counts: plan.counts)
    }

    /// The time zones of these recipients; recipients without one are left out.
    static func zones(of recipients: Set<RecipientID>, _ session: PostgresSession) throws -> [RecipientID: String] {
        guard !recipients.isEmpty else { return [:] }
        let rows = try session.rows(
            "SELECT id, time_zone FROM recipients WHERE id = ANY(\(Array(recipients))) AND time_zone IS NOT NULL")
        var zones: [RecipientID: String] = [:]
        for row in rows { zones[try row.integer(0)] = try row.text(1) }
        return zones
    }

    private struct NewWindow {
        let window: WindowPlan.Window
        let id: WindowID
        let range: EventRange
    }

    /// - Parameter changed: windows with the range of the events that joined, which may be none.
    private func update(_ changed: [(WindowPlan.Window, EventRange)], _ session: PostgresSession) {
        guard !changed.isEmpty else { return }
        let (windows, ranges) = (changed.map(\.0), changed.map(\.1))
        session.later(
            """
            UPDATE windows w SET state = u.state, due = u.closes_at, closes_at = u.closes_at, events = u.events,
                bytes = u.bytes, revision = w.revision + 1,
                first_event = least(w.first_event, u.first_event), last_event = greatest(w.last_event, u.last_event)
            FROM unnest(
                \(windows.map { $0.id }), \(windows.map { WindowRow.State($0).rawValue }),
                \(windows.map(\.state.closesAt)), \(windows.map(\.state.events)), \(windows.map(\.state.bytes)),
                \(ranges.map(\.first)), \(ranges.map(\.last))
            ) AS u (id, state, closes_at, events, bytes, first_event, last_event)
            CROSS JOIN LATERAL (SELECT ctid AS row FROM windows WHERE id = u.id OFFSET 0) found
            WHERE w.ctid = found.row
            """)
    }

    /// Stores the windows of events that were suppressed as they were accepted.
    private func insertSuppressed(_ windows: [NewWindow], at now: Timestamp, _ session: PostgresSession) {
        guard !windows.isEmpty else { return }
        session.later(
            EndedWindowRow.insertion(
                windows.map { new in
                    let (key, state) = (new.window.key, new.window.state)
                    return EndedWindowRow(
                        window: EndedWindow(
                            id: new.id,
                            span: WindowSpan(key: key, openedAt: state.openedAt, closesAt: state.closesAt),
                            isAlone: true, events: state.events, endedAt: now, notification: nil,
                            reason: new.window.suppression),
                        range: new.range)
                }))
    }

    private func insert(_ windows: ArraySlice<NewWindow>, _ session: PostgresSession) {
        guard !windows.isEmpty else { return }
        session.later(
            """
            INSERT INTO windows
                (id, key, type, recipient, key_part, state, alone, due, opened_at, closes_at, events, bytes, leader, rule,
                 first_event, last_event)
            SELECT n.id, sha256(n.key), n.type, n.recipient, n.key_part, n.state, n.alone, n.closes_at, n.opened_at,
                n.closes_at, n.events, n.bytes, n.leader, n.rule, n.first_event, n.last_event
            FROM unnest(
                \(windows.map(\.id)), \(windows.map(\.window.key.bytes)), \(windows.map(\.window.key.type)),
                \(windows.map(\.window.key.recipient)), \(windows.map(\.window.key.part)),
                \(windows.map { WindowRow.State($0.window).rawValue }), \(windows.map(\.window.isAlone)),
                \(windows.map(\.window.state.openedAt)), \(windows.map(\.window.state.closesAt)),
                \(windows.map(\.window.state.events)), \(windows.map(\.window.state.bytes)),
                \(windows.map(\.window.state.leader)), \(windows.map(\.window.state.rule?.text)),
                \(windows.map(\.range.first)), \(windows.map(\.range.last))
            ) AS n (id, key, type, recipient, key_part, state, alone, opened_at, closes_at, events, bytes, leader, rule,
                first_event, last_event)
            ORDER BY sha256(n.key), n.id
            """)
    }
}

extension WindowRow.State {
    fileprivate init(_ window: WindowPlan.Window) { self = window.isClosed ? .closed : .open }
}
