import GRDB
public import SheafCore

/// The event store on SQLite.
public final class SQLiteStore: EventStore {
    let database: SQLiteDatabase
    let sources = SourceNames()

    public init(_ database: SQLiteDatabase) { self.database = database }

    public func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        let (result, effects) = try await database.write {
            [clock = database.clock, claims = database.claims, producerIDs = database.producerIDs, sources] connection
            in
            let transaction = SQLiteTransaction(
                database: connection, now: clock.now, sources: sources, producerIDs: producerIDs, claims: claims)
            let result = try body(transaction)
            try transaction.finish()
            return (result, transaction.effects)
        }
        sources.remember(effects.sources)
        await database.carryOut(effects)
        await database.producerIDs.sortIfFull(database)
        return result
    }

    public func outboxConsumer(of topic: Topic) async throws -> any OutboxConsumer {
        SQLiteOutboxConsumer(topic: topic, database: database)
    }

    public func migrate() async throws { try await database.migrate() }

    public func schema() async throws -> SchemaState { try await database.read { try SQLiteSchema.state($0) } }

    public func close() async { await database.close() }
}
