import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("On Redis Cluster", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(10)))
struct RedisClusterTests {
    /// With this line a script that touches a key of another slot than its first key's fails, though one node has all
    /// slots (https://redis.io/docs/latest/develop/programmability/lua-api/#script-flags).
    private static let strict = "#!lua\n"

    @Test("Debouncer and lock conform to their ports, and no script leaves its slot") func promises() async throws {
        try await Self.withCluster { own in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for check in DebouncerConformance.checks {
                    group.addTask {
                        let scripts = DebouncerScripts(header: Self.strict)
                        try await patiently({ RedisHarness(own.server, tick: $0, shards: 4, scripts: scripts) }) {
                            try await check.run(on: $0)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("A script that leaves its slot is detected") func strictness() async throws {
        try await Self.withCluster { cluster in
            let client = RedisClient(cluster.server.options())
            func touch(_ other: String) -> AnyCommand {
                AnyCommand("EVAL", Self.strict + "return redis.call('SET', ARGV[1], '1')", "1", "{0}:due", other)
            }
            let own = try await client.execute(touch("{0}:other"))
            #expect(own == .status("OK"))
            let error = await failure { try await client.execute(touch("{1}:other")) }
            #expect(error?.code == .storage && error?.message.contains("slot") == true)
            await client.close()
        }
    }

    @Test("All keys of a shard or a lock are in one slot") func slots() async throws {
        try await Self.withCluster { own in
            let client = RedisClient(own.server.options { $0.shards = 3 })
            let (debouncer, lock, samples) = (RedisDebouncer(client), RedisLock(client), Samples())
            let entries = (0..<60).map { index in
                let key = Samples.key(recipient: Int64(index), part: index % 2 == 0 ? nil : "{\(index)}")
                return DebounceEntry(event: samples.eventID(), key: key, policy: WindowPolicy(length: .zero))
            }
            _ = try await debouncer.add(entries)
            _ = try await debouncer.claim(windows: 30, events: 1000, lease: .seconds(60))
            for name in ["", "{a}", "}", "sweep"] { _ = try await lock.acquire(name, lease: .seconds(60)) }
            var slots: [String: Set<Int64>] = [:]
            for key in try await client.execute(AnyCommand("KEYS", "*")).elements() {
                let name = try key.text()
                let slot = try await client.execute(AnyCommand("CLUSTER", "KEYSLOT", name)).number()
                let tag = name.contains(":fence") ? String(name.dropLast(6)) : name
                slots[tag.contains("{lock:") ? tag : String(tag.prefix { $0 != "}" }), default: []].insert(slot)
            }
            #expect(slots.count == 3 + 4 && slots.values.allSatisfy { $0.count == 1 })
            await client.close()
        }
    }

    private static func withCluster(_ body: @Sendable (OwnRedisServer) async throws -> Void) async throws {
        try await OwnRedisServer.with(["--cluster-enabled", "yes"]) { own in
            let client = RedisClient(own.server.options())
            _ = try await client.execute(AnyCommand("CLUSTER", "ADDSLOTSRANGE", "0", "16383"))
            let deadline = ContinuousClock.now + .seconds(30)
            while await failure(of: { try await client.execute(AnyCommand("SET", "x", "1")) }) != nil,
                ContinuousClock.now < deadline
            {
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try await client.execute(AnyCommand("DEL", "x"))
            await client.close()
            try await body(own)
        }
    }
}
