import SheafCore
import Testing

@testable import SheafRedis

@Suite("The check at start", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisCheckTests {
    @Test("A server that evicts nothing is accepted") func good() async throws {
        try await OwnRedisServer.with(["--maxmemory-policy", "noeviction", "--maxmemory", "100mb"]) { own in
            let check = try await RedisClient(own.server.options()).check()
            #expect(check.warnings.isEmpty && check.version?.isEmpty == false)
        }
    }

    @Test(
        "A server that evicts is refused, naming the policy",
        arguments: ["allkeys-lru", "volatile-ttl", "allkeys-random"])
    func evicting(policy: String) async throws {
        try await OwnRedisServer.with(["--maxmemory-policy", policy]) { own in
            let error = await failure { try await RedisClient(own.server.options()).check() }
            #expect(
                error
                    == SheafError(
                        .storage, field: "debouncer.url",
                        "the Redis server's maxmemory-policy is \(policy); set it to noeviction"))
        }
    }

    @Test("If CONFIG is unknown or forbidden, there is a warning") func forbidden() async throws {
        try await OwnRedisServer.with(["--rename-command", "CONFIG", "\"''\""]) { own in
            let warnings = try await RedisClient(own.server.options()).check().warnings
            #expect(warnings.count == 1 && warnings.first?.contains("maxmemory-policy") == true)
        }
        try await OwnRedisServer.with { own in
            let client = RedisClient(own.server.options { $0.poolSize = 1 })
            _ = try await client.execute(
                AnyCommand("ACL", "SETUSER", "default", "on", "nopass", "+@all", "-config", "-info"))
            #expect(try await client.check().warnings.count == 2)
        }
    }

    @Test("A server that cannot be reached is unavailable") func away() async throws {
        let error = await failure { try await RedisClient(RedisOptions(port: 1)).check() }
        #expect(error?.code == .unavailable)
    }
}
