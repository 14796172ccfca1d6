import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Redis losing data", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisFaultTests {
    private let samples = Samples()

    private func entries(_ count: Int, policy: WindowPolicy = WindowPolicy()) -> [DebounceEntry] {
        (0..<count).map { index in
            DebounceEntry(event: samples.eventID(), key: Samples.key(recipient: Int64(index)), policy: policy)
        }
    }

    @Test("Emptied at any moment it continues, and old claims are never valid again", arguments: [1, 3])
    func flushAll(shards: Int) async throws {
        try await OwnRedisServer.with { own in
            let client = RedisClient(own.server.options { $0.shards = shards })
            let debouncer = RedisDebouncer(client)
            let entries = entries(30, policy: WindowPolicy(length: .zero))
            _ = try await debouncer.add(entries)
            let old = try await debouncer.claim(windows: 20, events: 1000, lease: .seconds(60)).claims
            #expect(old.count == 20)
            _ = try await client.execute(AnyCommand("FLUSHALL"))
            // Every operation on an empty database.
            try await debouncer.acknowledge(old)
            try await debouncer.release(old) { _ in .seconds(1) }
            #expect(try await debouncer.renew(old, lease: .seconds(60)).isEmpty)
            #expect(try await debouncer.flush(entries[0].key) == false)
            try await debouncer.erase(recipient: 0)
            #expect(try await debouncer.missing(entries).count == 30)
            #expect(try await debouncer.window(of: entries[0].event, key: entries[0].key) == nil)
            #expect(try await debouncer.openWindows(after: old.last?.id, limit: 10).total == 0)
            let none = ClaimBatch<WindowClaim>(claims: [], nextDueIn: nil)
            #expect(try await debouncer.claim(windows: 20, events: 1000, lease: .seconds(60)) == none)
            #expect(try await client.execute(AnyCommand("DBSIZE")) == .integer(0))
            // The same events and keys again: no holder of an old claim can change them.
            let outcomes = try await debouncer.add(entries).map(\.outcome)
            #expect(outcomes == Array(repeating: .opened, count: 30))
            let new = try await debouncer.claim(windows: 30, events: 1000, lease: .seconds(60)).claims
            #expect(new.count == 30)
            #expect(Set(new.map(\.id)).isDisjoint(with: old.map(\.id)))
            #expect(Set(new.map(\.token)).isDisjoint(with: old.map(\.token)))
            try await debouncer.acknowledge(old)
            try await debouncer.release(old) { _ in .zero }
            #expect(try await debouncer.renew(old, lease: .zero).isEmpty)
            #expect(try await debouncer.renew(new, lease: .seconds(60)).count == 30)
            await client.close()
        }
    }

    @Test("A window without its record is skipped and removed") func orphans() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let debouncer = RedisDebouncer(client)
        let entries = entries(3, policy: WindowPolicy(length: .zero))
        _ = try await debouncer.add(entries)
        let hash = "\(client.options.prefix){0}:r:\(entries[1].key.recipient)"
        #expect(try await client.execute(AnyCommand("DEL", hash)) == .integer(1))
        let batch = try await debouncer.claim(windows: 10, events: 10, lease: .seconds(60))
        #expect(batch.claims.map(\.events) == [[entries[0].event], [entries[2].event]])
        #expect(try await debouncer.openWindows(after: nil, limit: 10).total == 0)
        #expect(try await debouncer.add([entries[1]]).map(\.outcome) == [.opened])
        await client.close()
    }

    @Test("A script that the server forgot is loaded again, alone and among others") func noScript() async throws {
        try await OwnRedisServer.with { own in
            let client = RedisClient(own.server.options { $0.shards = 4 })
            let debouncer = RedisDebouncer(client)
            for _ in 0..<3 {
                let outcomes = try await debouncer.add(entries(40)).map(\.outcome)
                #expect(outcomes.count == 40)
                #expect(try await debouncer.openWindows(after: nil, limit: 100).total == 40)
                for index in 0..<40 { try await debouncer.erase(recipient: Int64(index)) }
                _ = try await client.execute(AnyCommand("SCRIPT", "FLUSH"))
            }
            #expect(try await RedisLock(client).acquire("x", lease: .seconds(60)) != nil)
            await client.close()
        }
    }

    @Test("While the server is down calls fail as unavailable, and succeed afterwards by themselves")
    func restart() async throws {
        let first = try await OwnRedisServer()
        let client = RedisClient(first.server.options())
        let debouncer = RedisDebouncer(client)
        _ = try await debouncer.add(entries(10))
        await first.stop()
        for _ in 0..<20 {
            let error = await failure { try await debouncer.add(entries(10)) }
            #expect(error?.code == .unavailable)
        }
        let second = try await OwnRedisServer(port: first.port)
        let deadline = ContinuousClock.now + .seconds(30)
        while await failure(of: { try await debouncer.add(entries(10)) }) != nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await debouncer.openWindows(after: nil, limit: 100).total == 10)
        await client.close()
        await second.stop()
    }

    @Test("A server out of memory accepts no events, but everything that frees memory works", arguments: [1, 3])
    func outOfMemory(shards: Int) async throws {
        try await OwnRedisServer.with(["--maxmemory-policy", "noeviction"]) { own in
            let client = RedisClient(own.server.options { $0.shards = shards })
            let (debouncer, lock) = (RedisDebouncer(client), RedisLock(client))
            let entries = self.entries(10, policy: WindowPolicy(length: .zero))
            _ = try await debouncer.add(entries)
            let old = try await debouncer.claim(windows: 5, events: 10, lease: .seconds(60)).claims
            let hold = try #require(try await lock.acquire("pruner", lease: .seconds(60)))
            let later = DebounceEntry(
                event: samples.eventID(), key: Samples.key(recipient: 77),
                policy: WindowPolicy(length: .seconds(3600)))
            _ = try await debouncer.add([later])
            // The server does not know the scripts either, as after a restart.
            _ = try await client.execute(AnyCommand("SCRIPT", "FLUSH"))
            _ = try await client.execute(AnyCommand("CONFIG", "SET", "maxmemory", "1"))

            let error = await failure { try await debouncer.add(self.entries(10)) }
            #expect(error?.message.contains("OOM") == true && error?.kind == .infrastructure)
            let lease = Duration.seconds(60)
            #expect(try await debouncer.renew(old, lease: lease).count == 5)
            try await debouncer.release(old) { _ in .zero }
            let claims = try await debouncer.claim(windows: 10, events: 10, lease: lease).claims
            #expect(claims.count == 10)
            #expect(Set(claims.flatMap(\.events)) == Set(entries.map(\.event)))
            try await debouncer.acknowledge(claims)
            #expect(try await debouncer.flush(later.key))
            let flushed = try await debouncer.claim(windows: 10, events: 10, lease: lease).claims
            #expect(flushed.map(\.events) == [[later.event]])
            try await debouncer.erase(recipient: later.key.recipient)
            #expect(try await debouncer.claim(windows: 10, events: 10, lease: lease).nextDueIn == nil)
            #expect(try await lock.renew(hold, lease: lease))
            try await lock.release(hold)
            let next = try #require(try await lock.acquire("pruner", lease: lease))
            try await lock.release(next)

            _ = try await client.execute(AnyCommand("CONFIG", "SET", "maxmemory", "0"))
            #expect(try await debouncer.add(self.entries(10)).count == 10)
            await client.close()
        }
    }

    @Test("A ping finds dead connections before a command does") func probe() async throws {
        let first = try await OwnRedisServer()
        let client = RedisClient(first.server.options())
        try await client.execute(Ping())
        await first.stop()
        let second = try await OwnRedisServer(port: first.port)
        let clock = TestClock()
        let probing = Task { await client.run(on: clock) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers(1)
        try await client.execute(Ping())
        probing.cancel()
        await probing.value
        await client.close()
        await second.stop()
    }
}
