import SheafCore

/// A transaction on a connection. Each step is a few statements over arrays, however many things it is about; those
/// whose answer nobody needs travel with the next, the last of them with `COMMIT`.
final class PostgresTransaction: Transaction {
    let session: PostgresSession
    let sources: SourceNumbers
    /// The moment of the transaction, once it was asked for.
    private(set) var moment: Timestamp?
    /// When the server answered it.
    private(set) var momentReadAt = ContinuousClock.now
    /// Why the moment could not be read.
    private(set) var failure: (any Error)?
    /// The topics that have new messages, to wake their consumers after the commit.
    private(set) var publishedTopics: Set<Topic> = []
    /// The earliest moment at which a window that it wrote is due.
    private(set) var windowsDueAt: Timestamp?
    /// Numbers of sources met with in this transaction, which others may know once it is committed.
    var newSources: [[UInt8]: Int64] = [:]

    /// By how much it changes what is kept count of.
    var counts = StoreCounts.zero

    init(session: PostgresSession, sources: SourceNumbers) {
        self.session = session
        self.sources = sources
    }

    /// A transaction in which this fails cannot be committed.
    var now: Timestamp {
        do { return try currentMoment() } catch {
            failure = failure ?? error
            return Timestamp(microseconds: 0)
        }
    }

    /// The moment, for which the database is asked if it was not yet.
    func currentMoment() throws -> Timestamp {
        if moment == nil { _ = try exchange([]) }
        return moment ?? Timestamp(microseconds: 0)
    }

    /// Runs `queries` in one round trip, which also reads the moment if it is not known: after their locks are taken.
    func exchange(_ queries: [PostgresQuery]) throws -> [PostgresRows] {
        guard moment == nil else { return try session.exchange(queries) }
        let answers = try session.exchange(queries + ["SELECT \(sql: SQL.now)"])
        moment = try answers.last?.first?.timestamp(0)
        momentReadAt = .now
        return answers.dropLast()
    }

    /// Writes what is written once a transaction.
    func finish() { counts.add(session) }

    func noteWindows(dueAt moment: Timestamp?) {
        windowsDueAt = [windowsDueAt, moment].compactMap(\.self).min()
    }

    // MARK: - Messages

    func publish(_ messages: [QueueMessage]) throws {
        guard !messages.isEmpty else { return }
        let now = try currentMoment()
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

    func acknowledge(_ messages: [ReceivedMessage]) throws {
        let topics = Dictionary(grouping: messages, by: \.message.topic)
        for topic in Topic.allCases {
            if let messages = topics[topic] { session.later(OutboxReading(topic: topic).delete(messages)) }
        }
    }
}
