import BlockingIO
import SheafCore
import Synchronization
import Testing

@Suite("A pool whose server is down", .timeLimit(.minutes(1)))
struct PoolBackoffTests {
    private let server = FakeServer()
    private let slow = RetryPolicy(maxAttempts: .max, base: .seconds(60), cap: .seconds(60))
    private let quick = RetryPolicy(maxAttempts: .max, base: .milliseconds(20), cap: .milliseconds(20))

    @Test("After a failure callers fail at once, without trying") func failsFast() async {
        server.state.withLock { $0.isAway = true }
        let pool = server.pool(size: 4, reconnect: slow)
        for _ in 0..<50 { #expect(await code { try await pool.withConnection { _ in } } == .unavailable) }
        #expect(server.read(\.attempts) == 1)
    }

    @Test("When the pause has ended one caller tries, and the others fail at once") func oneTries() async throws {
        server.state.withLock { $0.isAway = true }
        let pool = server.pool(size: 4, reconnect: quick)
        #expect(await code { try await pool.withConnection { _ in } } == .unavailable)
        server.state.withLock { $0.isHanging = true }
        try await Task.sleep(for: .milliseconds(40))
        let trying = Task { await code { try await pool.withConnection { _ in } } }
        try await until { server.read(\.attempts) == 2 }
        for _ in 0..<10 { #expect(await code { try await pool.withConnection { _ in } } == .unavailable) }
        #expect(server.read(\.attempts) == 2)
        server.state.withLock { $0.isHanging = false }
        #expect(await trying.value == .unavailable)
    }

    @Test("Once the server is back callers are served again") func comesBack() async throws {
        server.state.withLock { $0.isAway = true }
        let pool = server.pool(size: 4, reconnect: quick)
        #expect(await code { try await pool.withConnection { _ in } } == .unavailable)
        server.state.withLock { $0.isAway = false }
        try await until { await code { try await pool.withConnection { _ in } } == nil }
        for _ in 0..<20 { try await pool.withConnection { _ in } }
    }

    @Test("Waiting callers fail when connecting fails") func waitersFail() async throws {
        server.state.withLock { $0.isHanging = true }
        server.state.withLock { $0.isAway = true }
        let pool = server.pool(size: 1, reconnect: slow)
        let callers = (0..<10).map { _ in Task { await code { try await pool.withConnection { _ in } } } }
        try await Task.sleep(for: .milliseconds(50))
        server.state.withLock { $0.isHanging = false }
        for caller in callers { #expect(await caller.value == .unavailable) }
        #expect(server.read(\.attempts) == 1)
    }

    @Test("A caller that is cancelled while connecting makes others neither fail nor wait") func cancelled()
        async throws
    {
        server.state.withLock { $0.isHanging = true }
        let pool = server.pool(size: 1, reconnect: slow)
        let first = Task { try await pool.withConnection { _ in } }
        try await until { server.read(\.attempts) == 1 }
        let second = Task { try await pool.withConnection { _ in } }
        try await Task.sleep(for: .milliseconds(20))
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        server.state.withLock { $0.isHanging = false }
        try await second.value
    }
}
