import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafRedis

@Suite("Redis metrics", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisMetricsTests {
    @Test("Every command is timed by name and outcome, with one timer each") func everyCommand() async throws {
        let metrics = RecordingMetrics()
        let client = RedisClient(try RedisServer.shared().options { $0.shards = 2 }, metrics: metrics)
        try await useAll(client)
        _ = await failure { try await client.execute(AnyCommand("NOSUCH")) }
        await client.close()
        _ = await failure { try await client.execute(AnyCommand("NOSUCH")) }
        let names = [
            "PING", "INFO", "CONFIG GET", "ZMSCORE", "EVALSHA add", "EVALSHA claim", "EVALSHA peek",
            "EVALSHA acknowledge", "EVALSHA release", "EVALSHA renew", "EVALSHA flush", "EVALSHA list", "EVALSHA find",
            "EVALSHA erase", "EVALSHA acquire", "EVALSHA renew lock", "EVALSHA release lock",
        ]
        for name in names { #expect(metrics.recorded(name, "success") > 0, "\(name)") }
        #expect(metrics.recorded("ANY", "failure") == 1 && metrics.recorded("ANY", "unavailable") == 1)
        let made = metrics.state.withLock { $0.made }
        #expect(made.values.allSatisfy { $0 == 1 })
        #expect(made.keys.allSatisfy { $0.name == "redis_command_duration_seconds" })
    }

    private func useAll(_ client: RedisClient) async throws {
        let (debouncer, lock, samples) = (RedisDebouncer(client), RedisLock(client), Samples())
        for _ in 0..<2 {
            _ = try await client.check()
            let entry = DebounceEntry(event: samples.eventID(), key: Samples.key(), policy: WindowPolicy())
            _ = try await debouncer.add([entry])
            _ = try await debouncer.flush(entry.key)
            _ = try await debouncer.openWindows(after: nil, limit: 10)
            _ = try await debouncer.window(of: entry.event, key: entry.key)
            _ = try await debouncer.missing([entry])
            let claims = try await debouncer.claim(windows: 1, events: 1, lease: .seconds(60)).claims
            #expect(claims.count == 1)
            _ = try await debouncer.renew(claims, lease: .seconds(60))
            try await debouncer.release(claims) { _ in .zero }
            try await debouncer.acknowledge(claims)
            try await debouncer.erase(recipient: entry.key.recipient)
            let hold = try #require(try await lock.acquire("x", lease: .seconds(60)))
            #expect(try await lock.renew(hold, lease: .seconds(60)))
            try await lock.release(hold)
        }
    }
}
