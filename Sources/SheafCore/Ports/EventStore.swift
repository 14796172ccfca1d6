/// The database: the truth about events, windows, notifications and what is still to be done.
public protocol EventStore: StoreReader, WindowStore, RecipientSettings {
    /// Runs `body` in one transaction: all of it is durable when this returns, or none of it if it throws.
    ///
    /// The body is synchronous and runs on the connection's own thread, so nothing can suspend or be cancelled between
    /// its statements. It may be run again if the driver has to retry, and must have no effect outside.
    ///
    /// - Parameter name: what it does, for metrics.
    /// - Throws: what `body` throws; ``SheafError`` `unavailable` or `storage` if the database fails.
    func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result

    /// A consumer of the outbox' messages of `topic`: for the relay, or for handlers if the outbox is the queue.
    /// At most one consumer of a topic exists in a process; several tasks may share it.
    func outboxConsumer(of topic: Topic) async throws -> any OutboxConsumer

    /// Brings the schema up to date; safe to run twice or at once.
    func migrate() async throws

    /// How far the schema is, found without changing anything.
    /// - Throws: ``SheafError`` `storage` if a newer program, or one before the first release, made it.
    func schema() async throws -> SchemaState

    /// Moves forward what is due later than the clock of now allows, since it was written while the clock was ahead: a
    /// window that opened in the future opens now, a message written in the future is written now, and no wait or
    /// lease is longer than it can be.
    /// - Returns: how many windows and messages were moved.
    func boundDues(_ limits: DueLimits) async throws -> Int

    /// Closes the database once running transactions have ended.
    func close() async
}
