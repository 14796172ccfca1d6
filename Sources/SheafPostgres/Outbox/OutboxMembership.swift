import SheafCore

/// The statements by which a topic's consumers divide its shards. Each consumer shows by its row in `outbox_members`
/// that it is alive, and holds shards in `outbox_shards` under a lease.
struct OutboxMembership: Sendable {
    let topic: Topic
    let member: Identifier<OutboxMembership>
    let process: String
    let lease: Duration

    /// The result of a heartbeat.
    struct HeartbeatResult: Sendable {
        /// The shards that it still holds, for a lease from now.
        let held: Set<Int>
        /// How many it should hold.
        let share: Int
    }

    /// Extends the membership and the leases.
    func heartbeat(_ session: PostgresSession) throws -> HeartbeatResult {
        try session.inTransaction { session in
            session.later(
                """
                WITH joined AS (
                    INSERT INTO outbox_members (topic, member, expires_at)
                    VALUES (\(topic.number), \(member), \(sql: SQL.now) + \(lease.microseconds))
                    ON CONFLICT (topic, member) DO UPDATE SET expires_at = excluded.expires_at
                    RETURNING xmax = 0 AS is_new
                )
                SELECT pg_notify(\(sql: OutboxNotice.channel), \(notice)) FROM joined WHERE is_new
                """)
            // One whose row is locked is coming back. Two that wait for each other would deadlock.
            session.later(
                """
                DELETE FROM outbox_members WHERE (topic, member) IN (
                    SELECT topic, member FROM outbox_members
                    WHERE topic = \(topic.number) AND expires_at <= (SELECT \(sql: SQL.now)) FOR UPDATE SKIP LOCKED)
                """)
            let answers = try session.commit([
                "SELECT member FROM outbox_members WHERE topic = \(topic.number) ORDER BY member",
                """
                UPDATE outbox_shards SET lease_until = \(sql: SQL.now) + \(lease.microseconds)
                WHERE topic = \(topic.number) AND holder = \(member) RETURNING shard
                """,
            ])
            let members = try answers[0].map { try $0.identifier(0, of: OutboxMembership.self) }
            return HeartbeatResult(
                held: try Self.shards(answers[1]),
                share: OutboxShard.share(rank: members.firstIndex(of: member) ?? 0, members: members.count))
        }
    }

    /// Releases `shards`, and takes up to `count` that nobody holds.
    /// - Returns: the taken shards.
    func change(_ session: PostgresSession, release shards: Set<Int>, take count: Int) throws -> Set<Int> {
        try session.inTransaction { session in
            if !shards.isEmpty {
                session.later(
                    """
                    UPDATE outbox_shards SET holder = NULL, lease_until = 0
                    WHERE topic = \(topic.number) AND holder = \(member) AND shard = ANY(\(Array(shards)))
                    """)
                session.later("SELECT pg_notify(\(sql: OutboxNotice.channel), \(notice))")
            }
            let answers = try session.commit([
                """
                UPDATE outbox_shards s SET holder = \(member), lease_until = \(sql: SQL.now) + \(lease.microseconds)
                FROM (
                    SELECT topic, shard FROM outbox_shards
                    WHERE topic = \(topic.number) AND (holder IS NULL OR lease_until <= (SELECT \(sql: SQL.now)))
                    ORDER BY shard LIMIT \(max(0, count)) FOR UPDATE SKIP LOCKED
                ) free
                WHERE s.topic = free.topic AND s.shard = free.shard RETURNING s.shard
                """
            ])
            return try Self.shards(answers[0])
        }
    }

    /// Ends the membership; its shards become free, or `successor`'s.
    func leave(_ session: PostgresSession, successor: Identifier<OutboxMembership>?) throws {
        try session.inTransaction { session in
            session.later(
                """
                UPDATE outbox_shards SET holder = \(successor),
                    lease_until = CASE WHEN \(successor) IS NULL THEN 0 ELSE lease_until END
                WHERE topic = \(topic.number) AND holder = \(member)
                """)
            session.later("DELETE FROM outbox_members WHERE topic = \(topic.number) AND member = \(member)")
            session.later("SELECT pg_notify(\(sql: OutboxNotice.channel), \(notice))")
            try session.commit([])
        }
    }

    private var notice: String { OutboxNotice.shards(topic, process).text }

    private static func shards(_ rows: PostgresRows) throws -> Set<Int> {
        Set(try rows.map { Int(try $0.integer(0)) })
    }
}
