/// The database: the source of truth about events, windows, notifications and pending work.
public protocol EventStore: StoreReader, WindowStore, RecipientSettings {
    /// Runs `body` in one transaction: all of it is durable when this returns; if it throws, nothing is stored.
    ///
    /// The body is synchronous and runs on the connection's own thread, so nothing can suspend or be cancelled between
    /// its statements. It may run again if the driver retries, so it must have no effect outside.
    ///
    /// - Parameter name: the operation's name in metrics.
    /// - Throws: the error of `body`; ``SheafError`` `unavailable` or `storage` if the database fails.
    func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result

    /// A consumer of the outbox's messages of `topic`, for the relay, or for handlers if the outbox is the queue. At
    /// most one consumer of a topic exists in a process; several tasks may share it.
    func outboxConsumer(of topic: Topic) async throws -> any OutboxConsumer

    /// Brings the schema up to date; safe to run twice or concurrently.
    func migrate() async throws

    /// The state of the schema; changes nothing.
    /// - Throws: ``SheafError`` `storage` if a newer version, or one before the first release, created it.
    func schema() async throws -> SchemaState

    /// Corrects due times that were written while the clock was ahead: a window that opened in the future opens now, a
    /// message written in the future is written now, and no wait or lease is longer than its limit.
    /// - Returns: how many windows and messages were corrected.
    func boundDues(_ limits: DueLimits) async throws -> Int

    /// Prepares for the events to come, and drops at once what is old as a whole, if the database keeps events by their
    /// age; what has to go row by row is left to `prune`. Safe to do twice or at once.
    ///
    /// - Parameters:
    ///   - moment: events that ended later stay.
    ///   - retention: how long events are kept, up to now: `moment` is so long ago.
    /// - Returns: how many events were dropped.
    func dropEvents(before moment: Timestamp, retention: Duration) async throws -> Int

    /// Closes the database once running transactions have ended.
    func close() async
}

extension EventStore {
    /// A database that does not keep events by their age has nothing to do.
    public func dropEvents(before _: Timestamp, retention _: Duration) async throws -> Int { 0 }
}
