import BlockingIO
import SheafCore
import Synchronization

/// A server that can be down, and its connections.
final class FakeServer: Sendable {
    struct State {
        var isAway = false
        var isHanging = false
        var attempts = 0
        var opened = 0
        var closed = 0
        var open: Int { opened - closed }
        var most = 0
    }

    let state = Mutex(State())

    func pool(
        size: Int, wait: Duration = .seconds(30),
        reconnect: RetryPolicy = RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(5))
    ) -> ConnectionPool<FakeConnection> {
        ConnectionPool(
            ConnectionPoolOptions(size: size, maximumWait: wait, reconnect: reconnect), connections: "test_connections",
            wait: "test_wait"
        ) { try await self.connect() }
    }

    func connect() async throws -> FakeConnection {
        let isAway = state.withLock { state in
            state.attempts += 1
            return state.isAway
        }
        await Task.yield()
        while state.withLock({ $0.isHanging }) { try await Task.sleep(for: .milliseconds(5)) }
        if isAway { throw SheafError(.unavailable, "the server is away") }
        state.withLock { state in
            state.opened += 1
            state.most = max(state.most, state.open)
        }
        return FakeConnection(to: self)
    }

    func read<Value: Sendable>(_ path: @Sendable (State) -> Value) -> Value { state.withLock { path($0) } }
}

actor FakeConnection: PooledConnection {
    private let server: FakeServer
    private let isWhole = Atomic<Bool>(true)

    init(to server: FakeServer) { self.server = server }

    nonisolated var isUsable: Bool { isWhole.load(ordering: .relaxed) }

    nonisolated func breakOff() { isWhole.store(false, ordering: .relaxed) }

    func ping() async throws {
        guard server.read(\.isAway) else { return }
        breakOff()
        throw SheafError(.unavailable, "no answer")
    }

    func close() async { server.state.withLock { $0.closed += 1 } }
}
