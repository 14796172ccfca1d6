public import SheafCore

/// The event store on PostgreSQL.
public final class PostgresStore: EventStore {
    let database: PostgresDatabase
    private let sources = SourceNumbers()

    public init(_ database: PostgresDatabase) { self.database = database }

    public func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        let (result, topics, learned) = try await database.transaction {
            [sources, hub = database.outbox] session, now in
            let transaction = PostgresTransaction(session: session, now: now, sources: sources, process: hub.process)
            let result = try body(transaction)
            try transaction.finish()
            return (result, transaction.publishedTopics, transaction.newSources)
        }
        sources.remember(learned)
        // Other processes are told by PostgreSQL.
        for topic in topics { database.outbox.wake(topic) }
        return result
    }

    public func outboxConsumer(of topic: Topic) async throws -> any QueueConsumer {
        await database.outbox.consumer(of: topic, database)
    }

    public func migrate() async throws {
        _ = try await database.schemaVersion()
        try await database.access { try PostgresSchema.migrate($0) }
    }

    public func schema() async throws -> SchemaState {
        try SchemaState(applied: await database.schemaVersion(), known: PostgresSchema.version)
    }

    public func close() async { await database.close() }
}
