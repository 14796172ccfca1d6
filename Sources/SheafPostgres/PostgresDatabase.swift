public import BlockingIO
public import SheafCore
import Synchronization

/// A PostgreSQL database, shared by the store, its outbox and the locks: a pool of connections, and one
/// connection each for notifications and for the leases of the outbox.
///
/// Connections are opened when they are needed; making it reaches for no server.
public final class PostgresDatabase: Sendable {
    /// What this process asked PostgreSQL, for the benchmark.
    public static let roundTrips = RoundTripCounter()

    /// The server's clock as this process knows it.
    public var clock: any TimeSource { serverClock }

    let options: PostgresOptions
    let outbox: OutboxHub
    private let serverClock = DatabaseClock()
    private let pool: ConnectionPool<PostgresConnection>

    /// How often a transaction is run that loses races or is the victim of deadlocks.
    private static let attempts = RetryPolicy(maxAttempts: 8, base: .milliseconds(2), cap: .milliseconds(100))

    /// On how many connections work is tried that was lost with one before anything was done.
    static let connections = 3

    public init(_ options: PostgresOptions) {
        self.options = options
        outbox = OutboxHub(options)
        pool = ConnectionPool(
            options.pool, connections: MetricName.postgresPoolConnections, wait: MetricName.postgresPoolWait
        ) { [serverClock] in
            let connection = try await PostgresConnection.open(options)
            // Before anything is done with it, and so before any time is told.
            serverClock.observe(
                try await connection.run { try $0.rows("SELECT \(sql: SQL.now)")[0].timestamp(0) })
            return connection
        }
    }

    /// Asks idle connections for a sign of life, at intervals, until the task is cancelled.
    public func run() async { await pool.run(on: serverClock) }

    /// Gives up the outbox' shards and closes the connections, those in use as soon as they are not.
    public func close() async {
        await outbox.close()
        await pool.close()
    }

    // MARK: Access

    /// Runs `body` with a connection, again where its statement lost a race.
    func access<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Result
    ) async throws -> Result {
        try await translatingFailures {
            var attempt = 1
            var tries = Self.connections
            while true {
                do {
                    return try await pool.withConnection { [attempt] connection in
                        try await connection.run { session in
                            session.attempt = attempt
                            return try body(session)
                        }
                    }
                } catch let failure as PostgresFailure
                    where failure.mayBeRunAgain && Self.attempts.allowsAttempt(after: attempt)
                {
                    try await serverClock.sleep(for: Self.attempts.delay(after: attempt))
                    attempt += 1
                } catch let failure as PostgresFailure where failure.hasDoneNothing && tries > 1 { tries -= 1 }
            }
        }
    }

    /// Looks whether each connection has a session of its own.
    ///
    /// A pooler that has them share one does not show it while a connection is alone. So two take turns, each of which
    /// finds the other's mark where it left its own.
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

    /// Tells this process, and others, of a transaction that is durable.
    func tell(_ effects: TransactionEffects) async {
        if let moment = effects.moment { serverClock.observe(moment, at: effects.momentToldAt) }
        var notices = effects.topics.map { OutboxNotice.messages($0, outbox.process) }
        for topic in effects.topics { outbox.wake(topic) }
        if let dueAt = effects.windowsDueAt {
            outbox.windowsChanged.notify()
            // Windows that are due later are found by polling.
            if dueAt <= (effects.moment ?? dueAt) + .milliseconds(500) { notices.append(.windows(outbox.process)) }
        }
        if !notices.isEmpty { await outbox.announce(notices) }
    }
}
