public import BlockingIO
public import SheafCore
import Synchronization

/// A PostgreSQL database, shared by the store, its outbox and the locks: a pool of connections, and one
/// connection each for notifications and for the leases of the outbox.
///
/// Connections are opened when needed; the initialiser contacts no server.
public final class PostgresDatabase: Sendable {
    /// Counts this process's round trips to PostgreSQL, for the benchmark.
    public static let roundTrips = RoundTripCounter()

    /// This process's estimate of the server's clock.
    public var clock: any TimeSource { serverClock }

    let options: PostgresOptions
    let outbox: OutboxHub
    private let serverClock = DatabaseClock()
    private let pool: ConnectionPool<PostgresConnection>

    public init(_ options: PostgresOptions) {
        self.options = options
        outbox = OutboxHub(options)
        pool = ConnectionPool(
            options.pool, connections: Metric.postgresPoolConnections.name, wait: Metric.postgresPoolWait.name
        ) { [serverClock] in
            let connection = try await PostgresConnection.open(options)
            // Before the database is used, and so before anyone reads its clock.
            serverClock.observe(
                try await connection.run { try $0.rows("SELECT \(sql: SQL.now)")[0].timestamp(0) })
            return connection
        }
    }

    /// Pings idle connections at intervals until the task is cancelled.
    public func run() async { await pool.run(on: serverClock) }

    /// Releases the outbox's shards and closes the connections, those in use as soon as they are free.
    public func close() async {
        await outbox.close()
        await pool.close()
    }

    // MARK: Access

    /// Runs `body` with a connection; retries it if its statement lost a race.
    func access<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Result
    ) async throws -> Result {
        try await translatingFailures {
            var attempt = 1
            var tries = RetryPolicy.unbegunWork.maxAttempts
            while true {
                do {
                    return try await pool.withConnection { [attempt] connection in
                        try await connection.run { session in
                            session.attempt = attempt
                            return try body(session)
                        }
                    }
                } catch let failure as PostgresFailure
                    where failure.mayBeRunAgain && RetryPolicy.lostRace.allowsAttempt(after: attempt)
                {
                    try await serverClock.sleep(for: RetryPolicy.lostRace.delay(after: attempt))
                    attempt += 1
                } catch let failure as PostgresFailure where failure.hasDoneNothing && tries > 1 { tries -= 1 }
            }
        }
    }

    /// Checks that each connection has a session of its own.
    ///
    /// A pooler that shares sessions does not show it while a connection is alone. So two connections take turns; if
    /// they share a session, each finds the other's mark instead of its own.
    func checkSessions() async throws {
        try await translatingFailures {
            let first = try await PostgresConnection.open(options)
            do {
                let second = try await PostgresConnection.open(options)
                do {
                    for connection in [first, second, first] { try await connection.ping() }
                } catch {
                    await second.close()
                    throw error
                }
                await second.close()
            } catch {
                await first.close()
                throw error
            }
            await first.close()
        }
    }

    /// Runs one statement.
    @discardableResult
    func run<Result: Sendable>(
        _ query: PostgresQuery, map: @escaping @Sendable (PostgresRows) throws -> Result
    ) async throws -> Result {
        try await access { try map($0.rows(query)) }
    }

    func run(_ query: PostgresQuery) async throws { try await run(query) { _ in } }

    /// Runs `body` in a transaction.
    @discardableResult
    func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Result
    ) async throws -> Result {
        try await access { try $0.inTransaction(body) }
    }

    /// Notifies this process and others of a durable transaction.
    func announce(_ effects: TransactionEffects) async {
        if let moment = effects.moment { serverClock.observe(moment, at: effects.momentReadAt) }
        var notices = effects.topics.map { OutboxNotice.messages($0, outbox.process) }
        for topic in effects.topics { outbox.wake(topic) }
        if let dueAt = effects.windowsDueAt {
            outbox.windowsChanged.notify()
            // Polling finds windows that are due later.
            if dueAt <= (effects.moment ?? dueAt) + .milliseconds(500) { notices.append(.windows(outbox.process)) }
        }
        if !notices.isEmpty { await outbox.announce(notices) }
    }
}
