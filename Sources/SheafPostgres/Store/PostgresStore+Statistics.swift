public import SheafCore

extension PostgresStore {
    public func statistics() async throws -> StoreStatistics {
        try await database.transaction { session in
            // Rows are read along an index up to a limit, never all of them to be sorted.
            session.later("SET LOCAL enable_sort = off")
            session.later("SET LOCAL enable_bitmapscan = off")
            let answers = try session.exchange([
                StoreCounts.stored, Self.windows, Self.dueEvents, Self.oldestUnassigned, Self.messages,
                "SELECT \(sql: SQL.now)",
            ])
            let counts = try StoreCounts(answers[0][0])
            let windows = answers[1][0]
            let due = try DueEstimate.Sample(windows: answers[2][0])
            let messages = try answers[4].compactMap { try DueMessages($0) }
            let isWhole = due.isWhole && messages.allSatisfy(\.due.isWhole)
            // Only if there is too much to count.
            let rest = isWhole ? nil : try session.exchange([Self.laterEvents, Self.laterMessages, Self.outboxSize])
            let now = try answers[5][0].timestamp(0)
            let dueEvents = DueEstimate(
                due: due, later: try rest.map { try .init(windows: $0[0][0]) } ?? .init(rows: 0), total: counts.events)
            let size = try rest.map { Int(try $0[2][0].integer(0)) }.flatMap { $0 > 0 ? $0 : nil } ?? .max
            var backlog = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, 0) })
            for own in messages {
                let others = messages.reduce(0) { $0 + ($1.topic == own.topic ? 0 : $1.due.sum) }
                let most = own.topic == .eventOccurred ? counts.unassigned : counts.pending
                let later = try rest?[1].first { Int(try $0.integer(0)) == own.topic.number }?.integer(1)
                backlog[own.topic] = DueEstimate(
                    due: own.due, later: .init(rows: Int(later ?? 0)), total: min(most, size - others)
                ).sum(at: now, from: own.first, to: own.last)
            }
            return StoreStatistics(
                backlog: backlog, oldestMessageAt: messages.compactMap(\.oldest).min(),
                newEvents: counts.events + counts.unassigned,
                oldestDueAt: try [
                    windows.optionalTimestamp(0), windows.optionalTimestamp(2), answers[3][0].optionalTimestamp(0),
                ].compactMap(\.self).min(),
                dueEvents: dueEvents.sum(
                    at: now, from: try windows.optionalTimestamp(0), to: try windows.optionalTimestamp(1)),
                pendingNotifications: counts.pending, deadLetters: counts.deadLetters,
                furthestDueAt: try ([windows.optionalTimestamp(1)] + messages.map(\.last)).compactMap(\.self).max())
        }
    }

    // Limits are written out, or a plan that is made once for all of them may read everything: 10001 is one more than
    // `DueEstimate.limit`.

    /// When the first window with an event was due, when the last is, and when the first closed of those that wait for a
    /// service.
    private static let windows: PostgresQuery = """
        WITH RECURSIVE \(sql: WindowRow.types)
        SELECT min(first.due), max(last.due), (
            SELECT closes_at FROM windows WHERE state = 2 AND wait_reason = 'service' AND events > 0
            ORDER BY closes_at LIMIT 1)
        FROM all_types t
        LEFT JOIN LATERAL (
            SELECT due FROM windows WHERE type = t.type AND due <= (SELECT \(sql: SQL.now)) AND events > 0
            ORDER BY due, id LIMIT 1
        ) first ON true
        LEFT JOIN LATERAL (SELECT due FROM windows WHERE type = t.type ORDER BY due DESC, id DESC LIMIT 1) last ON true
        """

    private static let dueEvents: PostgresQuery = """
        WITH RECURSIVE \(sql: WindowRow.types)
        SELECT count(*), coalesce(sum(events), 0)::bigint FROM (
            SELECT w.events FROM all_types t CROSS JOIN LATERAL (
                SELECT events FROM windows WHERE type = t.type AND due <= (SELECT \(sql: SQL.now))
                ORDER BY due, id LIMIT 10001
            ) w LIMIT 10001
        ) read
        """

    private static let laterEvents: PostgresQuery = """
        WITH RECURSIVE \(sql: WindowRow.types)
        SELECT count(*), coalesce(sum(events), 0)::bigint FROM (
            SELECT w.events FROM all_types t CROSS JOIN LATERAL (
                SELECT events FROM windows WHERE type = t.type AND due > (SELECT \(sql: SQL.now))
                ORDER BY due DESC, id DESC LIMIT 10001
            ) w LIMIT 10001
        ) read
        """

    /// When the oldest event was received that has neither a window nor an outcome.
    private static let oldestUnassigned: PostgresQuery = """
        WITH RECURSIVE types (type) AS (
            (SELECT type FROM events WHERE "window" IS NULL AND status IS NULL ORDER BY type LIMIT 1)
            UNION ALL
            SELECT (
                SELECT type FROM events WHERE "window" IS NULL AND status IS NULL AND type > t.type
                ORDER BY type LIMIT 1)
            FROM types t WHERE t.type IS NOT NULL
        )
        SELECT min(first.received_at) FROM types t CROSS JOIN LATERAL (
            SELECT received_at FROM events WHERE "window" IS NULL AND status IS NULL AND type = t.type
            ORDER BY id LIMIT 1
        ) first
        """

    /// Of each topic: how many messages are due, when the oldest was written, when the first was due, and when the last
    /// is.
    private static let messages: PostgresQuery = """
        SELECT t.topic, seen.count, least(seen.oldest, ends.oldest), ends.first, ends.last
        FROM (SELECT DISTINCT topic FROM outbox_shards) t
        CROSS JOIN LATERAL (
            SELECT min(first.written_at) AS oldest, min(first.due) AS first, max(last.due) AS last
            FROM outbox_shards s
            LEFT JOIN LATERAL (
                SELECT due, written_at FROM outbox
                WHERE topic = s.topic AND shard = s.shard AND due <= (SELECT \(sql: SQL.now)) ORDER BY due, seq LIMIT 1
            ) first ON true
            LEFT JOIN LATERAL (
                SELECT due FROM outbox WHERE topic = s.topic AND shard = s.shard ORDER BY due DESC, seq DESC LIMIT 1
            ) last ON true
            WHERE s.topic = t.topic
        ) ends
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, min(written_at) AS oldest FROM (
                SELECT m.written_at FROM outbox_shards s CROSS JOIN LATERAL (
                    SELECT written_at FROM outbox
                    WHERE topic = s.topic AND shard = s.shard AND due <= (SELECT \(sql: SQL.now))
                    ORDER BY due, seq LIMIT 10001
                ) m WHERE s.topic = t.topic LIMIT 10001
            ) read
        ) seen
        """

    /// Of each topic: how many messages are held back.
    private static let laterMessages: PostgresQuery = """
        SELECT t.topic, (
            SELECT count(*) FROM (
                SELECT FROM outbox_shards s CROSS JOIN LATERAL (
                    SELECT FROM outbox
                    WHERE topic = s.topic AND shard = s.shard AND due > (SELECT \(sql: SQL.now))
                    ORDER BY due DESC, seq DESC LIMIT 10001
                ) m WHERE s.topic = t.topic LIMIT 10001
            ) read)
        FROM (SELECT DISTINCT topic FROM outbox_shards) t
        """

    /// How many rows the outbox had when it was last cleaned up; not above zero if that is unknown.
    private static let outboxSize: PostgresQuery =
        "SELECT reltuples::bigint FROM pg_class WHERE oid = 'outbox'::regclass"
}

/// What is known of one topic's messages.
private struct DueMessages {
    let topic: Topic
    let due: DueEstimate.Sample
    let oldest: Timestamp?
    let first: Timestamp?
    let last: Timestamp?

    /// `nil` for a topic that is unknown.
    init?(_ row: PostgresRow) throws {
        let number = Int(try row.integer(0))
        guard let topic = Topic.allCases.first(where: { $0.number == number }) else { return nil }
        self.topic = topic
        due = .init(rows: Int(try row.integer(1)))
        oldest = try row.optionalTimestamp(2)
        first = try row.optionalTimestamp(3)
        last = try row.optionalTimestamp(4)
    }
}

extension DueEstimate.Sample {
    /// From a row of how many windows were read, and how many events they have.
    fileprivate init(windows row: PostgresRow) throws {
        self.init(rows: Int(try row.integer(0)), sum: Int(try row.integer(1)))
    }
}
