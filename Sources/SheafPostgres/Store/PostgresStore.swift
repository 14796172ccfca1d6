public import SheafCore

/// The event store on PostgreSQL; its clock is the server's.
public final class PostgresStore: EventStore {
    let database: PostgresDatabase
    private let sources = SourceNumbers()

    public init(_ database: PostgresDatabase) { self.database = database }

    public func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        let (result, effects) = try await database.transaction { [sources] session in
            let transaction = PostgresTransaction(session: session, sources: sources)
            do {
                let result = try body(transaction)
                transaction.finish()
                if let failure = transaction.failure { throw failure }
                return (result, TransactionEffects(transaction))
            } catch { throw transaction.failure ?? error }
        }
        sources.remember(effects.newSources)
        await database.announce(effects)
        return result
    }

    public func outboxConsumer(of topic: Topic) async throws -> any SheafCore.OutboxConsumer {
        await database.outbox.consumer(of: topic, database)
    }

    public func migrate() async throws {
        // A role that may not create tables can use existing ones.
        if try await schema() == .current { return }
        try await database.access { try PostgresSchema.migrate($0) }
    }

    public func schema() async throws -> SchemaState {
        try PostgresSchema.state(of: await database.schemaVersion())
    }

    public func close() async { await database.close() }
}

/// The notices to send once a transaction is durable.
struct TransactionEffects: Sendable {
    let moment: Timestamp?
    let momentReadAt: ContinuousClock.Instant
    let topics: Set<Topic>
    let windowsDueAt: Timestamp?
    let newSources: [[UInt8]: Int64]

    init(_ transaction: PostgresTransaction) {
        moment = transaction.moment
        momentReadAt = transaction.momentReadAt
        topics = transaction.publishedTopics
        windowsDueAt = transaction.windowsDueAt
        newSources = transaction.newSources
    }
}
