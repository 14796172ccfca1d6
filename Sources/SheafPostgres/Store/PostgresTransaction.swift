import SheafCore

/// A transaction on a connection. Each step is a few statements over arrays, however many things it is about; those
/// whose answer nobody needs travel with the next, the last of them with `COMMIT`.
final class PostgresTransaction: Transaction {
    let session: PostgresSession
    let now: Timestamp
    private let sources: SourceNumbers
    private let process: String
    /// The topics that have new messages, to wake their consumers after the commit.
    private(set) var publishedTopics: Set<Topic> = []
    /// Numbers of sources met with in this transaction, which others may know once it is committed.
    private(set) var newSources: [[UInt8]: Int64] = [:]

    init(session: PostgresSession, now: Timestamp, sources: SourceNumbers, process: String) {
        self.session = session
        self.now = now
        self.sources = sources
        self.process = process
    }

    /// To be called once the body has run.
    func finish() throws {
        guard !publishedTopics.isEmpty else { return }
        let payloads = publishedTopics.sorted { $0.number < $1.number }.map { OutboxNotice.messages($0, process).text }
        session.later("SELECT pg_notify(\(sql: OutboxNotice.channel), payload) FROM unnest(\(payloads)) AS payload")
    }
}

// MARK: - Events

extension PostgresTransaction {
    func append(_ events: [Event]) throws -> [AppendOutcome] {
        guard !events.isEmpty else { return [] }
        let numbers = try numbers(of: events)
        // The first of the batch with a producer's identifier stands for the others.
        var firsts: [ProducerKey: Event] = [:]
        for event in events {
            if let key = ProducerKey(event, numbers), firsts[key] == nil { firsts[key] = event }
        }
        let holders = try holders(firsts)
        var stored: [(event: Event, source: Int64)] = []
        let outcomes: [AppendOutcome] = events.map { event in
            if let key = ProducerKey(event, numbers) {
                let holder = holders[key] ?? event.id
                guard holder == event.id else { return .duplicate(of: holder) }
            }
            stored.append((event, numbers[Array(event.source.utf8)] ?? 0))
            return .stored
        }
        insert(stored)
        return outcomes
    }

    /// A producer's identifier within its source, as the database compares them.
    private struct ProducerKey: Hashable, Comparable {
        let source: Int64
        let id: [UInt8]

        init(source: Int64, id: String) {
            self.source = source
            self.id = Array(id.utf8)
        }

        init?(_ event: Event, _ numbers: [[UInt8]: Int64]) {
            guard let id = event.producerID else { return nil }
            self.init(source: numbers[Array(event.source.utf8)] ?? 0, id: id)
        }

        static func < (left: Self, right: Self) -> Bool {
            left.id == right.id ? left.source < right.source : left.id.lexicographicallyPrecedes(right.id)
        }
    }

    /// Claims the producers' identifiers for `events`, and tells which event holds each.
    private func holders(_ events: [ProducerKey: Event]) throws -> [ProducerKey: EventID] {
        guard !events.isEmpty else { return [:] }
        // In one order for all, so that no two transactions wait for each other.
        let claims = events.sorted { $0.key < $1.key }
        let claimed = try session.rows(
            """
            INSERT INTO producer_ids (source, producer_id, event)
            SELECT * FROM unnest(\(claims.map(\.key.source)), \(claims.map(\.value.producerID)), \(claims.map(\.value.id)))
            ON CONFLICT DO NOTHING RETURNING event
            """
        ).map { try $0.identifier(0, of: Event.self) }
        let own = Set(claimed)
        var holders: [ProducerKey: EventID] = [:]
        for (key, event) in claims where own.contains(event.id) { holders[key] = event.id }
        let others = claims.filter { !own.contains($0.value.id) }
        guard !others.isEmpty else { return holders }
        let found = try session.rows(
            """
            SELECT p.source, p.producer_id, p.event
            FROM unnest(\(others.map(\.key.source)), \(others.map(\.value.producerID))) AS o (source, producer_id)
            JOIN producer_ids p ON p.producer_id = o.producer_id AND p.source = o.source
            """)
        for row in found {
            holders[ProducerKey(source: try row.integer(0), id: try row.text(1))] = try row.identifier(2)
        }
        return holders
    }

    private func insert(_ events: [(event: Event, source: Int64)]) {
        guard !events.isEmpty else { return }
        session.later(
            """
            INSERT INTO events
                (id, source, producer_id, type, recipient, key_part, occurred_at, received_at, payload, trace)
            SELECT * FROM unnest(
                \(events.map(\.event.id)), \(events.map(\.source)), \(events.map(\.event.producerID)),
                \(events.map(\.event.type)), \(events.map(\.event.recipient)), \(events.map(\.event.keyPart)),
                \(events.map(\.event.occurredAt)), \(events.map(\.event.receivedAt)), \(events.map(\.event.payload)),
                \(events.map(\.event.traceParent)))
            """)
    }

    /// The numbers of the events' sources; new ones are numbered.
    private func numbers(of events: [Event]) throws -> [[UInt8]: Int64] {
        let names = Set(events.map { Array($0.source.utf8) })
        var numbers = sources.numbers(of: names)
        numbers.merge(newSources) { $1 }
        let unknown = names.filter { numbers[$0] == nil }.sorted { $0.lexicographicallyPrecedes($1) }
        guard !unknown.isEmpty else { return numbers }
        let texts = unknown.map { String(decoding: $0, as: UTF8.self) }
        session.later("INSERT INTO sources (name) SELECT unnest(\(texts)) ON CONFLICT DO NOTHING")
        for row in try session.rows("SELECT id, name FROM sources WHERE name = ANY(\(texts))") {
            newSources[Array(try row.text(1).utf8)] = try row.integer(0)
        }
        return numbers.merging(newSources) { $1 }
    }

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        guard !events.isEmpty else { return [] }
        var changed = Set(
            try session.rows(
                """
                UPDATE events SET status = \(EventStatus.dead.rawValue), reason = \(reason), finished_at = \(now)
                WHERE id = ANY(\(events)) AND status = 0 RETURNING id
                """
            ).map { try $0.identifier(0, of: Event.self) })
        return events.filter { changed.remove($0) != nil }
    }
}

// MARK: - Messages

extension PostgresTransaction {
    func publish(_ messages: [QueueMessage]) throws {
        guard !messages.isEmpty else { return }
        session.later(
            """
            INSERT INTO outbox (topic, shard, due, recipient, body, attempt, written_at)
            SELECT m.topic, m.shard, m.due, m.recipient, m.body, m.attempt, \(now)
            FROM unnest(
                \(messages.map(\.topic.number)), \(messages.map { OutboxShard.of($0.key) }),
                \(messages.map { now + $0.delay }), \(messages.map(\.key)), \(messages.map(\.body)),
                \(messages.map(\.attempt))
            ) WITH ORDINALITY AS m (topic, shard, due, recipient, body, attempt, place)
            ORDER BY m.place
            """)
        publishedTopics.formUnion(messages.map(\.topic))
    }
}

extension Topic {
    /// The number a topic is stored by.
    var number: Int {
        switch self {
        case .eventOccurred: 0
        case .notificationSend: 1
        }
    }
}
