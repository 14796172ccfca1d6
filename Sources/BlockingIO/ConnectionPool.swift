import DequeModule
import Metrics
public import SheafCore
import Synchronization

/// Lends connections to one user at a time, and opens them when needed.
///
/// While the server cannot be reached, callers fail at once instead of queueing, except for one at a time that tries to
/// connect, with backoff.
public final class ConnectionPool<Connection: PooledConnection>: Sendable {
    /// What a caller gets: a connection, or permission to open one.
    private enum Ticket {
        case connection(Connection)
        case place
    }

    private struct State {
        var idle: [Connection] = []
        /// Connections that are lent, being opened or being pinged.
        var busy = 0
        var waiters: Deque<(number: UInt64, continuation: CheckedContinuation<Ticket, any Error>)> = []
        var nextWaiter: UInt64 = 0
        var failures = 0
        /// While the server cannot be reached: when to try again (`nil` while one caller tries), and the last error.
        var pause: (until: ContinuousClock.Instant?, error: any Error)?
        var isClosed = false
    }

    private let options: ConnectionPoolOptions
    private let open: @Sendable () async throws -> Connection
    private let state = Mutex(State())
    private let idleGauge: Gauge
    private let busyGauge: Gauge
    private let waitTimer: Timer

    /// - Parameters:
    ///   - connections: the name of the gauge of connections, which gets the label `state`.
    ///   - wait: the name of the timer of waits.
    ///   - open: connects within its own time limit.
    public init(
        _ options: ConnectionPoolOptions, connections: String, wait: String,
        open: @escaping @Sendable () async throws -> Connection
    ) {
        self.options = options
        self.open = open
        idleGauge = Gauge(label: connections, dimensions: [("state", "idle")])
        busyGauge = Gauge(label: connections, dimensions: [("state", "busy")])
        waitTimer = Timer(label: wait)
    }

    /// Lends a connection to `body`.
    ///
    /// - Throws: the error of `body` or of connecting; ``SheafError`` `unavailable` if none becomes free in time or the
    ///   pool is closed; `CancellationError` if the task is cancelled while it waits.
    public func withConnection<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        let connection = try await acquire()
        do {
            let result = try await body(connection)
            await giveBack(connection)
            return result
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Pings idle connections at intervals until the task is cancelled.
    public func run(on clock: any TimeSource) async {
        while (try? await clock.sleep(for: options.probeInterval)) != nil { await probe() }
    }

    /// Pings each idle connection, and closes those that do not respond.
    public func probe() async {
        let connections = state.withLock { state in
            defer { state.idle = [] }
            state.busy += state.idle.count
            return state.idle
        }
        for connection in connections {
            // Afterwards `isUsable` shows whether it failed.
            if connection.isUsable { try? await connection.ping() }
            await giveBack(connection)
        }
    }

    /// Closes idle connections now, and lent ones when they come back. Callers fail from now on.
    public func close() async {
        let (idle, waiters) = state.withLock { state in
            state.isClosed = true
            defer { (state.idle, state.waiters) = ([], []) }
            return (state.idle, state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(throwing: Self.closed) }
        for connection in idle { await connection.close() }
        showConnections()
    }

    private static var closed: SheafError { SheafError(.unavailable, "the connection pool is closed") }
}

// MARK: - Lending

extension ConnectionPool {
    private func acquire() async throws -> Connection {
        let start = ContinuousClock.now
        let ticket = try await ticket()
        waitTimer.recordNanoseconds((ContinuousClock.now - start).microseconds * 1000)
        showConnections()
        switch ticket {
        case .connection(let connection): return connection
        case .place: return try await connect()
        }
    }

    private func connect() async throws -> Connection {
        do {
            let connection = try await open()
            state.withLock { state in
                state.failures = 0
                state.pause = nil
            }
            return connection
        } catch let error as CancellationError {
            // It says nothing about the server, so another caller may try at once.
            state.withLock { state in
                if let pause = state.pause { state.pause = (.now, pause.error) }
            }
            freePlace()
            throw error
        } catch {
            let waiters = state.withLock { state in
                state.failures += 1
                state.pause = (.now + options.reconnect.delay(after: state.failures), error)
                state.busy -= 1
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume(throwing: error) }
            showConnections()
            throw error
        }
    }

    /// What can be given at once; `nil` if the caller must wait.
    private static func take(_ state: inout State, size: Int) throws -> Ticket? {
        guard !state.isClosed else { throw closed }
        if let connection = state.idle.popLast() {
            state.busy += 1
            return .connection(connection)
        }
        if let pause = state.pause {
            guard let until = pause.until, until <= .now else { throw pause.error }
        }
        guard state.busy < size else { return nil }
        state.pause?.until = nil
        state.busy += 1
        return .place
    }

    private func ticket() async throws -> Ticket {
        let (ticket, number) = try state.withLock { state in
            state.nextWaiter += 1
            return (try Self.take(&state, size: options.size), state.nextWaiter)
        }
        if let ticket { return ticket }
        let deadline = ContinuousClock.now + options.maximumWait
        let timeout = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            give(up: number, tookTooLong)
        }
        defer { timeout.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(number, until: deadline, continuation)
            }
        } onCancel: {
            give(up: number, CancellationError())
        }
    }

    private var tookTooLong: SheafError {
        SheafError(.unavailable, "no connection became free in \(options.maximumWait)")
    }

    private func wait(
        _ number: UInt64, until deadline: ContinuousClock.Instant,
        _ continuation: CheckedContinuation<Ticket, any Error>
    ) {
        let ticket = Swift.Result<Ticket?, any Error> {
            try state.withLock { state in
                // A connection may have become free meanwhile, the task been cancelled, or the time run out.
                if Task.isCancelled { throw CancellationError() }
                if deadline <= .now { throw tookTooLong }
                let ticket = try Self.take(&state, size: options.size)
                if ticket == nil { state.waiters.append((number, continuation)) }
                return ticket
            }
        }
        switch ticket {
        case .success(nil): break
        case .success(let ticket?): continuation.resume(returning: ticket)
        case .failure(let error): continuation.resume(throwing: error)
        }
    }

    private func give(up number: UInt64, _ error: any Error) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: error)
    }

    private func giveBack(_ connection: Connection) async {
        if connection.isUsable {
            let isOpen = state.withLock { state in
                guard !state.isClosed else { return false }
                if let waiter = state.waiters.popFirst() {
                    waiter.continuation.resume(returning: .connection(connection))
                } else {
                    state.busy -= 1
                    state.idle.append(connection)
                }
                return true
            }
            showConnections()
            if isOpen { return }
            await connection.close()
            return freePlace()
        }
        // The cause may have ended all connections, so no caller may get one of the same age.
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        await connection.close()
        freePlace()
        for other in idle { await other.close() }
    }

    /// Lets the first waiting caller open a connection in place of a closed one.
    private func freePlace() {
        let waiter = state.withLock { state in
            let waiter = state.waiters.popFirst()
            if waiter == nil { state.busy -= 1 }
            return waiter
        }
        waiter?.continuation.resume(returning: .place)
        showConnections()
    }

    private func showConnections() {
        let (idle, busy) = state.withLock { ($0.idle.count, $0.busy) }
        idleGauge.record(idle)
        busyGauge.record(busy)
    }
}
