import SheafCore

/// The statements by which a consumer reads and ends messages.
struct OutboxReading: Sendable {
    let topic: Topic

    /// The part of a shard to read: after which position, and how many messages at most.
    struct Range {
        let shard: Int
        let after: OutboxPosition
        let limit: Int
    }

    /// Messages that are due, in the order of the outbox.
    func due(_ ranges: [Range]) -> PostgresQuery {
        """
        SELECT o.shard, o.due, o.seq, o.recipient, o.attempt, o.body
        FROM unnest(
            \(ranges.map(\.shard)), \(ranges.map(\.after.due)), \(ranges.map(\.after.number)), \(ranges.map(\.limit))
        ) AS r (shard, due, seq, room)
        CROSS JOIN LATERAL (
            SELECT * FROM outbox m
            WHERE m.topic = \(topic.number) AND m.shard = r.shard AND (m.due, m.seq) > (r.due, r.seq)
                AND m.due <= (SELECT \(sql: SQL.now))
            ORDER BY m.due, m.seq LIMIT r.room
        ) o
        ORDER BY o.due, o.seq
        """
    }

    func entry(_ row: PostgresRow) throws -> OutboxPrefetch.Entry {
        OutboxPrefetch.Entry(
            shard: Int(try row.integer(0)),
            position: OutboxPosition(due: try row.integer(1), number: try row.integer(2)),
            message: QueueMessage(
                key: try row.integer(3), body: try row.body(5, of: topic), attempt: Int(try row.integer(4))))
    }

    /// The microseconds until the next delayed message of `shards` is due.
    func nextDueIn(_ shards: Set<Int>) -> PostgresQuery {
        """
        SELECT min(o.due) - (SELECT \(sql: SQL.now)) FROM unnest(\(Array(shards))) AS r (shard)
        CROSS JOIN LATERAL (
            SELECT m.due FROM outbox m
            WHERE m.topic = \(topic.number) AND m.shard = r.shard AND m.due > (SELECT \(sql: SQL.now))
            ORDER BY m.due LIMIT 1
        ) o
        """
    }

    func delete(_ messages: [ReceivedMessage]) -> PostgresQuery {
        let places = messages.map { (shard: OutboxShard.of($0.message.key), position: $0.position) }
            .sorted { ($0.shard, $0.position) < ($1.shard, $1.position) }
        return """
            DELETE FROM outbox o
            USING unnest(
                \(places.map(\.shard)), \(places.map(\.position.partition)), \(places.map(\.position.offset))
            ) AS d (shard, due, seq)
            CROSS JOIN LATERAL (
                SELECT ctid AS row FROM outbox
                WHERE topic = \(topic.number) AND shard = d.shard AND due = d.due AND seq = d.seq OFFSET 0
            ) found
            WHERE o.ctid = found.row
            """
    }
}
