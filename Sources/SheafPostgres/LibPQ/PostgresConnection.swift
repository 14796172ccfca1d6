import BlockingIO
import SheafCore
import Synchronization

/// A connection to the server, with a thread of its own.
actor PostgresConnection: PooledConnection {
    private let executor = ThreadExecutor()
    private let usable = Atomic(true)
    private var session: PostgresSession?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    nonisolated var isUsable: Bool { usable.load(ordering: .acquiring) }

    private init() {}

    /// Connects.
    /// - Throws: ``PostgresFailure``
    static func open(_ options: PostgresOptions) async throws -> PostgresConnection {
        let connection = PostgresConnection()
        try await connection.connect(options)
        return connection
    }

    private func connect(_ options: PostgresOptions) throws { session = try PostgresSession(options) }

    /// Runs `body` with the session. Nothing interrupts it, not even cancelling the task.
    func run<Result: Sendable>(_ body: @Sendable (PostgresSession) throws -> Result) throws -> Result {
        guard let session else { throw PostgresFailure(connection: "the connection to PostgreSQL is closed") }
        defer { if session.isBroken { usable.store(false, ordering: .releasing) } }
        do {
            try session.begin()
            return try body(session)
        } catch let failure as PostgresFailure { throw session.judged(failure) }
    }

    func ping() throws { try run { try $0.check() } }

    func close() {
        usable.store(false, ordering: .releasing)
        session = nil
    }
}

/// A single connection, opened when needed and reopened when lost; its users take turns.
actor SoleConnection {
    private let options: PostgresOptions
    private var connection: PostgresConnection?
    private var opening: Task<PostgresConnection, any Error>?
    private var isClosed = false

    init(_ options: PostgresOptions) { self.options = options }

    func run<Result: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Result) async throws -> Result {
        var tries = RetryPolicy.unbegunWork.maxAttempts
        while true {
            do {
                return try await usable().run(body)
            } catch let failure as PostgresFailure where failure.hasDoneNothing && tries > 1 { tries -= 1 }
        }
    }

    private func usable() async throws -> PostgresConnection {
        if isClosed { throw PostgresFailure(connection: "the connection to PostgreSQL is closed") }
        if let connection, connection.isUsable { return connection }
        if let opening { return try await opening.value }
        let old = connection
        let task = Task { [options] in
            await old?.close()
            return try await PostgresConnection.open(options)
        }
        opening = task
        defer { opening = nil }
        let new = try await task.value
        connection = new
        if isClosed { await new.close() }
        return new
    }

    func close() async {
        isClosed = true
        await connection?.close()
        connection = nil
    }
}
