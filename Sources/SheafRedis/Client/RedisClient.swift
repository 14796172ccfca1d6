public import BlockingIO
import Metrics
public import SheafCore

/// A Redis server with a pool of connections. Every command goes through the one `execute`, which times it.
public final class RedisClient: Sendable {
    /// Counts this process's round trips to Redis, for the benchmark.
    public static let roundTrips = RoundTripCounter()

    public let options: RedisOptions
    private let pool: ConnectionPool<RedisConnection>
    private let timers: CommandTimers

    /// Connections are opened when needed.
    public convenience init(_ options: RedisOptions) { self.init(options, metrics: MetricsSystem.factory) }

    init(_ options: RedisOptions, metrics: any MetricsFactory) {
        self.options = options
        timers = CommandTimers(metrics)
        pool = ConnectionPool(
            ConnectionPoolOptions(size: options.poolSize, maximumWait: options.maximumWait),
            connections: Metric.redisPoolConnections.name, wait: Metric.redisPoolWait.name
        ) { try await RedisConnection.open(options) }
    }

    /// Runs one command.
    ///
    /// - Throws: ``SheafError`` `unavailable` if the server cannot be reached or is not ready, `storage` if it returns
    ///   any other error; `CancellationError` if the task is cancelled while it waits for a connection.
    public func execute<Command: RedisCommand>(_ command: Command) async throws -> Command.Response {
        let replies = try await replies(to: [command])
        return try replies.first.map { try Self.decode($0, of: command) } ?? Self.decode(.null, of: command)
    }

    /// Runs several commands in one round trip. They are not a transaction: if one fails, the others still ran.
    ///
    /// - Throws: as for one command, for the first that failed.
    public func execute<Command: RedisCommand>(_ commands: [Command]) async throws -> [Command.Response] {
        guard !commands.isEmpty else { return [] }
        return try zip(try await replies(to: commands), commands).map { try Self.decode($0, of: $1) }
    }

    /// Probes idle connections at intervals until the task is cancelled.
    public func run(on clock: any TimeSource) async { await pool.run(on: clock) }

    /// Closes all connections; commands fail from now on.
    public func close() async { await pool.close() }

    private static func decode<Command: RedisCommand>(
        _ reply: RedisValue, of command: Command
    ) throws -> Command.Response {
        if case .error(let error) = reply { throw error.sheafError }
        return try command.decode(reply)
    }
}

// MARK: - Round trips

extension RedisClient {
    /// The replies to commands that are sent together, including errors.
    func replies(to commands: [any RedisCommand]) async throws -> [RedisValue] {
        var start = ContinuousClock.now
        do {
            return try await pool.withConnection { connection in
                start = .now
                let replies = try await connection.exchange(commands.map(\.arguments))
                let complete = try await loadingScripts(of: commands, replies, on: connection)
                record(commands, complete, .now - start)
                return complete
            }
        } catch {
            record(commands, nil, .now - start)
            throw error
        }
    }

    /// Loads the scripts that the server did not know, and runs their commands again; all other commands have run.
    private func loadingScripts(
        of commands: [any RedisCommand], _ replies: [RedisValue], on connection: RedisConnection
    ) async throws -> [RedisValue] {
        let unknown = replies.indices.filter { index in
            if case .error(let error) = replies[index] { error.prefix == .noScript } else { false }
        }
        let scripts = Set(unknown.compactMap { commands[$0].script })
        guard !scripts.isEmpty else { return replies }
        let start = ContinuousClock.now
        let loads = scripts.map { ScriptLoad(source: $0.source) }
        let answers = try await connection.exchange(
            loads.map(\.arguments) + unknown.map { commands[$0].arguments })
        record(loads, Array(answers.prefix(loads.count)), .now - start)
        var complete = replies
        for (index, reply) in zip(unknown, answers.dropFirst(loads.count)) { complete[index] = reply }
        return complete
    }

    /// - Parameter replies: `nil` if there were none.
    private func record(_ commands: [any RedisCommand], _ replies: [RedisValue]?, _ duration: Duration) {
        for (index, command) in commands.enumerated() {
            var outcome = CommandTimers.Outcome.unavailable
            if let replies {
                outcome = .success
                if case .error = replies[index] { outcome = .failure }
            }
            timers.record(type(of: command).name, outcome, duration)
        }
    }
}
