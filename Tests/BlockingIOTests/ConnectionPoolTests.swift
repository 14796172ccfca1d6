import BlockingIO
import SheafCore
import Synchronization
import Testing

@Suite("A pool of connections", .timeLimit(.minutes(1)))
struct ConnectionPoolTests {
    private let server = FakeServer()

    @Test("At most as many connections as its size are open, and they are reused") func size() async throws {
        let pool = server.pool(size: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await pool.withConnection { _ in await Task.yield() } } }
            try await group.waitForAll()
        }
        #expect(server.read(\.most) <= 3 && server.read(\.opened) <= 3)
    }

    @Test("After one broke, idle connections are not lent any more") func brokenTogether() async throws {
        let pool = server.pool(size: 2)
        try await pool.withConnection { _ in try await pool.withConnection { _ in } }
        #expect(server.read(\.open) == 2)
        try await pool.withConnection { $0.breakOff() }
        #expect(server.read(\.open) == 0)
        try await pool.withConnection { _ in try await pool.withConnection { _ in } }
        #expect(server.read(\.open) == 2)
    }

    @Test("Waiting callers are served in order") func order() async throws {
        let (pool, gate, order) = (server.pool(size: 1), Gate(), Order())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<10 {
            tasks.append(Task { try await pool.withConnection { _ in await order.append(number) } })
            // Each is in the queue before the next comes.
            try await Task.sleep(for: .milliseconds(20))
        }
        await gate.open()
        try await holder.value
        for task in tasks { try await task.value }
        #expect(await order.numbers == Array(0..<10))
    }

    @Test("A caller that waits too long gets an error, and does not block others", arguments: [0, 1, 50])
    func timeout(milliseconds: Int) async throws {
        let (pool, gate) = (server.pool(size: 1, wait: .milliseconds(milliseconds)), Gate())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { #expect(await code { try await pool.withConnection { _ in } } == .unavailable) }
            }
        }
        await gate.open()
        try await holder.value
        try await pool.withConnection { _ in }
        #expect(server.read(\.opened) == 1)
    }

    @Test("A caller that is cancelled while waiting leaves the queue") func cancellation() async throws {
        let (pool, gate) = (server.pool(size: 1), Gate())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        let waiters = (0..<20).map { _ in Task { try await pool.withConnection { _ in } } }
        for waiter in waiters { waiter.cancel() }
        for waiter in waiters {
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        await gate.open()
        try await holder.value
        try await pool.withConnection { _ in }
    }

    @Test("A connection that broke is closed and replaced") func broken() async throws {
        let pool = server.pool(size: 1)
        for _ in 0..<3 { try await pool.withConnection { $0.breakOff() } }
        #expect(server.read(\.opened) == 3 && server.read(\.closed) == 3)
    }

    @Test("A caller that waits for a connection that breaks opens another") func brokenWhileWaiting() async throws {
        let (pool, gate) = (server.pool(size: 1), Gate())
        let holder = Task {
            try await pool.withConnection { connection in
                await gate.wait()
                connection.breakOff()
            }
        }
        try await until { await gate.isWaiting }
        let waiter = Task { try await pool.withConnection { $0.isUsable } }
        try await Task.sleep(for: .milliseconds(20))
        await gate.open()
        try await holder.value
        #expect(try await waiter.value)
        #expect(server.read(\.opened) == 2 && server.read(\.open) == 1)
    }

    @Test("The caller's own error is thrown, and the connection is kept") func callersError() async throws {
        let pool = server.pool(size: 1)
        let found = await code { try await pool.withConnection { _ in throw SheafError(.conflict, "mine") } }
        #expect(found == .conflict)
        try await pool.withConnection { _ in }
        #expect(server.read(\.opened) == 1)
    }

    @Test("A closed pool closes idle connections at once, and lent ones when they come back") func close() async throws
    {
        let (pool, gate) = (server.pool(size: 2), Gate())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        try await pool.withConnection { _ in }
        #expect(server.read(\.open) == 2)
        await pool.close()
        #expect(server.read(\.open) == 1)
        #expect(await code { try await pool.withConnection { _ in } } == .unavailable)
        await gate.open()
        try await holder.value
        #expect(server.read(\.open) == 0)
    }

    @Test("Closing wakes waiting callers") func closeWakes() async throws {
        let (pool, gate) = (server.pool(size: 1), Gate())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        let waiter = Task { await code { try await pool.withConnection { _ in } } }
        try await Task.sleep(for: .milliseconds(20))
        await pool.close()
        #expect(await waiter.value == .unavailable)
        await gate.open()
        try await holder.value
    }

    @Test("A probe closes idle connections that do not respond") func probe() async throws {
        let (pool, gate) = (server.pool(size: 3), Gate())
        let holders = (0..<3).map { _ in Task { try await pool.withConnection { _ in await gate.wait() } } }
        try await until { server.read(\.opened) == 3 }
        await gate.open()
        for holder in holders { try await holder.value }
        await pool.probe()
        #expect(server.read(\.open) == 3)
        server.state.withLock { $0.isAway = true }
        await pool.probe()
        #expect(server.read(\.open) == 0)
    }

    @Test("No slot is lost under a thousand callers who fail, cancel and break connections") func storm() async throws {
        let pool = server.pool(
            size: 4, wait: .milliseconds(200),
            reconnect: RetryPolicy(maxAttempts: .max, base: .microseconds(10), cap: .microseconds(100)))
        let flapping = Task { [server] in
            while !Task.isCancelled {
                server.state.withLock { $0.isAway.toggle() }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask { try? await Self.misbehave(number, with: pool) }
            }
        }
        flapping.cancel()
        _ = try? await flapping.value
        server.state.withLock { $0.isAway = false }
        #expect(server.read(\.most) <= 4)
        try await allPlacesAreFree(of: pool, size: 4)
    }

    private static func misbehave(_ number: Int, with pool: ConnectionPool<FakeConnection>) async throws {
        let task = Task {
            try await pool.withConnection { connection in
                if number % 3 == 0 { try await Task.sleep(for: .microseconds(Int.random(in: 0...2000))) }
                if number % 5 == 0 { connection.breakOff() }
                if number % 7 == 0 { throw SheafError(.conflict, "a failure") }
            }
        }
        if number % 4 == 0 {
            try await Task.sleep(for: .microseconds(Int.random(in: 0...3000)))
            task.cancel()
        }
        try await task.value
    }

    @Test("A pause after a failure ends even if another connection is idle") func pauseBesideIdle() async throws {
        let reconnect = RetryPolicy(maxAttempts: .max, base: .microseconds(10), cap: .microseconds(100))
        let (pool, gate) = (server.pool(size: 4, reconnect: reconnect), Gate())
        let holder = Task { try await pool.withConnection { _ in await gate.wait() } }
        try await until { await gate.isWaiting }
        server.state.withLock { $0.isAway = true }
        #expect(await code { try await pool.withConnection { _ in } } == .unavailable)
        server.state.withLock { $0.isAway = false }
        await gate.open()
        try await holder.value
        try await allPlacesAreFree(of: pool, size: 4)
    }

    /// Lends all slots at once.
    private func allPlacesAreFree(of pool: ConnectionPool<FakeConnection>, size: Int) async throws {
        let gate = Gate()
        // The last failure may have left a pause. One caller at a time ends it, and concurrent callers fail at once.
        let holders = (0..<size).map { _ in
            Task { try await until { await code { try await pool.withConnection { _ in await gate.wait() } } == nil } }
        }
        try await until { await gate.waiting == size }
        await gate.open()
        for holder in holders { try await holder.value }
    }
}
