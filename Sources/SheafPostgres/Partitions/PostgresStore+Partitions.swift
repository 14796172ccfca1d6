public import SheafCore

extension PostgresStore {
    public func dropEvents(before moment: Timestamp, retention: Duration) async throws -> Int {
        try await database.access { try PartitionMaintenance($0, before: moment, retention: retention).run() }
    }
}

/// Makes partitions of `events` ahead of time, and drops those that nobody needs.
///
/// Each step is a transaction that changes all or nothing, so there is nothing to be finished after a kill. It waits
/// for a lock so briefly that those who wait behind it do not notice; what could not be done is done in a later round.
private struct PartitionMaintenance {
    /// "part" in ASCII, the first of two numbers; the other is that of the table, since a database can have several.
    private static let lock: Int64 = 1_885_434_484
    /// How long a step waits for a lock, and others behind it.
    private static let patience = Duration.milliseconds(100)
    /// How long a statement may take while nobody can write what it looks at.
    private static let longest = Duration.seconds(10)
    /// How long looking through a partition may take that others go on using.
    private static let longestLook = Duration.seconds(1800)
    /// Events of a clock that is ahead, which are moved on with the last partition.
    private static let limitOfMoved = 10_000
    /// A last partition that is in use is looked through while it gets its upper bound; a larger one stays the last.
    private static let limitOfBytes: Int64 = 1 << 30

    private let session: PostgresSession
    private let moment: Timestamp
    private let retention: Duration
    private let width: Duration
    private var now: Timestamp { moment + retention }

    init(_ session: PostgresSession, before moment: Timestamp, retention: Duration) {
        self.session = session
        self.moment = moment
        self.retention = retention
        width = EventPartition.width(for: retention)
    }

    /// - Returns: how many events were dropped.
    func run() throws -> Int {
        guard try isAllowed() else {
            try note(nil)
            return 0
        }
        do {
            while try extend() {}
            let partitions = try partitions()
            try note(EventPartition.batches(of: partitions, before: moment, retention: retention))
            return try partitions.filter { $0.isOver(by: moment) }.reduce(0) { try $0 + drop($1.name) }
        } catch let failure as PostgresFailure where failure.sqlState == Self.insufficientPrivilege {
            try note(nil)
            return 0
        }
    }

    private static let insufficientPrivilege = "42501"

    /// Whether the role may change all the tables; another may work on them.
    private func isAllowed() throws -> Bool {
        try session.rows(
            """
            SELECT bool_and(pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(c.relnamespace, 'CREATE'))
            FROM pg_class c WHERE c.oid = 'events'::regclass
                OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass)
            """)[0].boolean(0)
    }

    private func partitions() throws -> [EventPartition] { try EventPartition.all(session) }

    private func note(_ batches: EventBatches?) throws {
        guard let batches else {
            _ = try session.rows("DELETE FROM event_pruning")
            return
        }
        _ = try session.rows(
            """
            INSERT INTO event_pruning (before, "from") VALUES (\(batches.before), \(batches.from))
            ON CONFLICT (single) DO UPDATE SET before = excluded.before, "from" = excluded."from"
            WHERE (event_pruning.before, event_pruning."from") <> (excluded.before, excluded."from")
            """)
    }

    // MARK: Steps

    /// Runs a step while no other process does, and locks wait briefly.
    /// - Returns: `nil` if somebody else was at it, or held what it needs.
    private func step<Result>(_ body: ([EventPartition]) throws -> Result?) throws -> Result? {
        do {
            return try session.inTransaction { session in
                session.later("SELECT set_config('lock_timeout', \(Self.text(Self.patience)), true)")
                session.later("SELECT set_config('statement_timeout', \(Self.text(Self.longest)), true)")
                // Here whole tables are looked through.
                session.later("SET LOCAL enable_seqscan = on")
                let isAlone = try session.rows(
                    "SELECT pg_try_advisory_xact_lock(\(Self.lock)::int, 'events'::regclass::oid::int)")[0].boolean(0)
                guard isAlone else { return nil }
                return try body(try partitions())
            }
        } catch let failure as PostgresFailure where failure.sqlState == "55P03" || failure.sqlState == "57014" {
            return nil
        }
    }

    private static func text(_ duration: Duration) -> String { String(duration.microseconds / 1000) }

    /// Sends a statement about tables, whose names are no values.
    private func change(_ text: String) { session.later(.once(PostgresQuery(stringLiteral: text))) }

    private func number(_ text: String) throws -> Int {
        Int(try session.rows(.once(PostgresQuery(stringLiteral: text)))[0].integer(0))
    }

    /// Gives the last partition an upper bound, with a new one behind it, if it begins too early.
    /// - Returns: whether there may be more to do.
    private func extend() throws -> Bool {
        guard try partitions().last?.nextBound(at: now, width: width) != nil else { return false }
        return try step { partitions in
            guard partitions.count < EventPartition.limit, let last = partitions.last,
                let bound = last.nextBound(at: now, width: width),
                try number("SELECT pg_relation_size('\(last.name)')") <= Self.limitOfBytes,
                try number(
                    """
                    SELECT count(*) FROM (
                        SELECT FROM \(last.name) WHERE id >= '\(bound)' ORDER BY id LIMIT \(Self.limitOfMoved + 1))
                    ahead
                    """) <= Self.limitOfMoved
            else { return false }
            try extend(last, to: bound)
            return true
        } ?? false
    }

    private func extend(_ last: EventPartition, to bound: EventID) throws {
        let owner = try session.rows(
            "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'events'::regclass")[0].text(0)
        // No event is stored before this ends.
        change("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        let full = EventPartition(name: last.name, lower: last.lower, upper: bound)
        let new = EventPartition(name: EventPartition.name(of: bound), lower: bound, upper: nil)
        change("CREATE TABLE \(new.name) (LIKE events INCLUDING ALL) WITH (\(EventPartition.storage))")
        // Several roles may be members of the owner.
        change("ALTER TABLE \(new.name) OWNER TO \(owner)")
        change("ALTER TABLE events DETACH PARTITION \(last.name)")
        change(
            """
            WITH ahead AS (DELETE FROM \(last.name) WHERE id >= '\(bound)' RETURNING *)
            INSERT INTO \(new.name) SELECT * FROM ahead
            """)
        attach(full)
        attach(new)
        _ = try session.exchange([])
    }

    private func attach(_ partition: EventPartition) {
        change("ALTER TABLE events ATTACH PARTITION \(partition.name) \(partition.values)")
    }

    /// Drops a partition, unless something in it is needed; the next one has its range from then on.
    /// - Returns: how many events were in it.
    private func drop(_ name: String) throws -> Int {
        guard let next = try checkedFollower(of: name) else { return 0 }
        return try step { partitions in
            guard let place = partitions.firstIndex(where: { $0.name == name }), partitions[place].isOver(by: moment),
                place + 1 < partitions.count, partitions[place + 1] == next
            else { return nil }
            let old = partitions[place]
            // Nobody changes anything in it before this ends, so that what is found holds; it can be read.
            change("LOCK TABLE \(old.name) IN EXCLUSIVE MODE")
            guard try !isNeeded(old) else { return nil }
            let count = try number("SELECT count(*) FROM \(old.name)")
            change(
                """
                DELETE FROM notes WHERE \(old.condition(on: "subject"))
                    AND EXISTS (SELECT FROM \(old.name) e WHERE e.id = notes.subject)
                """)
            // No event is stored before this ends, or it might have no partition.
            change("LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE")
            change("ALTER TABLE events DETACH PARTITION \(old.name)")
            change("ALTER TABLE events DETACH PARTITION \(next.name)")
            change("DROP TABLE \(old.name)")
            attach(EventPartition(name: next.name, lower: old.lower, upper: next.upper))
            change("ALTER TABLE \(next.name) DROP CONSTRAINT \(Self.bounds)")
            return count
        } ?? 0
    }

    private static let bounds = "bounds"

    /// The partition behind the one with this name, unless that is needed, with its bounds proven by a constraint, so
    /// that it is attached anew without being looked through. The constraint says no more than that it is a partition.
    private func checkedFollower(of name: String) throws -> EventPartition? {
        let next = try step { partitions -> EventPartition? in
            guard let place = partitions.firstIndex(where: { $0.name == name }), place + 1 < partitions.count,
                try !isNeeded(partitions[place])
            else { return nil }
            let next = partitions[place + 1]
            change(
                """
                ALTER TABLE \(next.name) DROP CONSTRAINT IF EXISTS \(Self.bounds),
                    ADD CONSTRAINT \(Self.bounds) CHECK (\(next.condition())) NOT VALID
                """)
            return next
        }
        guard let next else { return nil }
        return try step { partitions in
            guard partitions.contains(next) else { return nil }
            change("SET LOCAL statement_timeout = 0")
            change("ALTER TABLE \(next.name) VALIDATE CONSTRAINT \(Self.bounds)")
            _ = try session.exchange([], timeout: Self.longestLook)
            return next
        }
    }

    /// Whether a partition holds something that waits, lives, is held by a dead letter, or ended too late. An event can
    /// only come to wait or live again by a change of its row.
    private func isNeeded(_ partition: EventPartition) throws -> Bool {
        let (name, end) = (partition.name, moment.microseconds)
        let overlap = [
            partition.lower.map { "last_event >= '\($0)'" }, partition.upper.map { "first_event < '\($0)'" },
        ].compactMap(\.self).joined(separator: " AND ")
        return try number(
            """
            SELECT (EXISTS (SELECT FROM \(name) WHERE "window" IS NULL AND status IS NULL)
                OR EXISTS (SELECT FROM \(name) WHERE "window" IS NULL AND status = 3 AND finished_at >= \(end))
                OR EXISTS (SELECT FROM windows WHERE \(overlap))
                OR EXISTS (SELECT FROM ended_windows WHERE \(overlap) AND ended_at >= \(end))
                OR EXISTS (
                    SELECT FROM ended_windows w JOIN notifications n ON n.id = w.notification
                    WHERE \(overlap) AND n.status = 0)
                OR EXISTS (
                    SELECT FROM dead_letters WHERE \(partition.condition(on: "body"))
                        AND EXISTS (SELECT FROM \(name) e WHERE e.id = body)))::int::bigint
            """) > 0
    }
}

extension EventPartition {
    /// The partitions there are, in order.
    static func all(_ session: PostgresSession) throws -> [EventPartition] {
        try session.rows(
            """
            SELECT c.relname::text, substring(b.text FROM 'FROM .''([0-9a-f-]+)''')::uuid AS lower,
                substring(b.text FROM 'TO .''([0-9a-f-]+)''')::uuid
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS text OFFSET 0) b
            WHERE i.inhparent = 'events'::regclass ORDER BY lower NULLS FIRST
            """
        ).map {
            EventPartition(
                name: try $0.text(0), lower: try $0.optionalIdentifier(1), upper: try $0.optionalIdentifier(2))
        }
    }
}
