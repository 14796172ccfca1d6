import SheafCore

extension StoreCounts {
    /// Connections share a row only if there are more than this.
    private static let slots: Int64 = 64

    /// The counts as they stand.
    static let stored: PostgresQuery = """
        SELECT coalesce(sum(events), 0)::bigint, coalesce(sum(windows), 0)::bigint,
            coalesce(sum(unassigned), 0)::bigint, coalesce(sum(pending), 0)::bigint,
            coalesce(sum(dead_letters), 0)::bigint
        FROM counters
        """

    /// From the row that ``stored`` answers.
    init(_ row: PostgresRow) throws {
        self.init(
            events: Int(try row.integer(0)), windows: Int(try row.integer(1)), unassigned: Int(try row.integer(2)),
            pending: Int(try row.integer(3)), deadLetters: Int(try row.integer(4)))
    }

    /// Changes the counts by these, after all else that a transaction writes: rows that several transactions change are
    /// locked last.
    func add(_ session: PostgresSession) {
        guard self != .zero else { return }
        session.later(
            """
            INSERT INTO counters AS c (slot, events, windows, unassigned, pending, dead_letters) VALUES (
                pg_backend_pid() % \(Self.slots), \(events), \(windows), \(unassigned), \(pending), \(deadLetters))
            ON CONFLICT (slot) DO UPDATE SET events = c.events + excluded.events,
                windows = c.windows + excluded.windows, unassigned = c.unassigned + excluded.unassigned,
                pending = c.pending + excluded.pending, dead_letters = c.dead_letters + excluded.dead_letters
            """)
    }
}
