public import BlockingIO
import SheafCore
import Synchronization

/// One connection, with a thread of its own.
public actor RedisConnection: PooledConnection {
    private let executor = ThreadExecutor()
    private var socket: RedisSocket?
    private let isWhole = Atomic<Bool>(true)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    public nonisolated var isUsable: Bool { isWhole.load(ordering: .acquiring) }

    private init() {}

    /// Connects, authenticates and selects the database.
    ///
    /// - Throws: ``SheafError`` `unavailable` if the server cannot be reached or is not ready, `storage` if it
    ///   refuses the password or the database.
    public static func open(_ options: RedisOptions) async throws -> RedisConnection {
        let connection = RedisConnection()
        try await connection.connect(options)
        return connection
    }

    private func connect(_ options: RedisOptions) throws {
        socket = try RedisSocket(options)
        if let password = options.password {
            var words = RedisArguments("AUTH")
            if let user = options.user { words.append(user) }
            words.append(password)
            if let error = try refusal(of: words) {
                let what = options.user == nil ? "the password" : "the user or the password"
                // The server's message may repeat what it was sent.
                throw SheafError(
                    error.sheafError.code, "\(options.address) refused \(what): \(error.prefix.rawValue)")
            }
        }
        if options.database != 0, let error = try refusal(of: RedisArguments("SELECT", String(options.database))) {
            throw error.sheafError
        }
        // The name is only for operators; the connection works without it.
        _ = try refusal(of: RedisArguments("CLIENT", "SETNAME", options.clientName))
    }

    /// The error with which the server answers a command, if any.
    private func refusal(of command: RedisArguments) throws -> RedisReplyError? {
        if case .error(let error)? = try exchange([command]).first { error } else { nil }
    }

    /// Sends commands together and reads their replies: one round trip.
    ///
    /// Cancelling the task does not interrupt it: commands that were sent are run.
    /// - Throws: ``SheafError`` `unavailable`; the connection can then no longer be used.
    public func exchange(_ commands: [RedisArguments]) throws -> [RedisValue] {
        guard let socket, isUsable else { throw SheafError(.unavailable, "the connection to Redis is closed") }
        RedisClient.roundTrips.add(statements: commands.count)
        do {
            let replies = try socket.exchange(commands)
            let isLost = replies.contains {
                if case .error(let error) = $0 { error.asksForAnotherConnection } else { false }
            }
            if isLost { isWhole.store(false, ordering: .releasing) }
            return replies
        } catch {
            isWhole.store(false, ordering: .releasing)
            throw error
        }
    }

    public func ping() throws {
        if case .error(let error)? = try exchange([RedisArguments("PING")]).first {
            isWhole.store(false, ordering: .releasing)
            throw error.sheafError
        }
    }

    public func close() {
        isWhole.store(false, ordering: .releasing)
        socket = nil
    }
}
