import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Users and encryption", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisAccessTests {
    /// The rights that docs/deployment.md lists for a user, with the tests' prefix.
    private static let rights = [
        "resetkeys", "~test-*", "nocommands", "+@read", "+@write", "+@scripting", "+@connection", "+time", "+info",
        "+config|get",
    ]

    @Test("A Redis user with the minimal rights can do all that Sheaf does") func user() async throws {
        try await OwnRedisServer.with { own in
            try await Self.addUser(to: own)
            let client = RedisClient(
                own.server.options {
                    ($0.user, $0.password) = ("sheaf", "secret:1")
                    $0.shards = 3
                })
            try await Self.useAll(client)
            await client.close()

            for (user, password) in [("sheaf", "other"), ("nobody", "secret:1")] {
                let client = RedisClient(own.server.options { ($0.user, $0.password) = (user, password) })
                let error = await failure { try await client.execute(Ping()) }
                #expect(error?.code == .storage)
                #expect(error?.message.contains("refused the user or the password: WRONGPASS") == true)
                await client.close()
            }
        }
    }

    @Test("TLS works, even for data longer than a TLS record") func encrypted() async throws {
        try await Self.withTLS { own in
            let client = RedisClient(own.server.options { $0.shards = 3 })
            try await Self.useAll(client)
            let value = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            var set = RedisArguments("SET", client.options.prefix + "x")
            set.append(value)
            #expect(try await client.execute(AnyCommand(set)) == .status("OK"))
            #expect(try await client.execute(AnyCommand("GET", client.options.prefix + "x")) == .string(value))
            let echoes = try await client.execute((0..<5000).map { AnyCommand("ECHO", String($0)) })
            #expect(echoes == (0..<5000).map { .string(Array(String($0).utf8)) })
            let byName = RedisClient(own.server.options { $0.host = "localhost" })
            try await byName.execute(Ping())
            await byName.close()

            // The server stops.
            await own.stop()
            #expect(await failure { try await client.execute(Ping()) }?.code == .unavailable)
            await client.close()
        }
    }

    @Test("A silent server times out, encrypted or not") func silent() async throws {
        try await Self.withTLS { own in
            let client = RedisClient(
                own.server.options {
                    $0.poolSize = 1
                    $0.commandTimeout = .milliseconds(300)
                })
            let error = await failure { try await client.execute(AnyCommand("DEBUG", "SLEEP", "2")) }
            #expect(error?.code == .unavailable && error?.message.contains("did not answer in") == true)
            await client.close()
        }
    }

    @Test("A certificate of an unknown authority is refused") func unknownAuthority() async throws {
        let others = try TestCertificates(for: "IP:127.0.0.1")
        defer { others.remove() }
        try await Self.withTLS { own in
            for authorities in [nil, others.authority] {
                let client = RedisClient(own.server.options { $0.tls = RedisTLS(authorities: authorities) })
                let error = await failure { try await client.check() }
                #expect(error?.code == .storage && error?.field == "debouncer.url")
                #expect(error?.message.contains("is not trusted") == true)
                await client.close()
            }
            let client = RedisClient(own.server.options { $0.tls = RedisTLS(authorities: "/none.pem") })
            #expect(await failure { try await client.check() }?.message.contains("cacert") == true)
            await client.close()
        }
    }

    @Test(
        "A certificate for another host is refused",
        arguments: [("DNS:redis.example", "127.0.0.1"), ("IP:127.0.0.1", "localhost"), ("IP:127.0.0.2", "127.0.0.1")])
    func otherHost(names: String, host: String) async throws {
        let certificates = try TestCertificates(for: "\(names),DNS:ready")
        defer { certificates.remove() }
        // The check whether it has started is refused too; a client that sends first gets the reason.
        let own = try await OwnRedisServer(certificates: certificates)
        let client = RedisClient(own.server.options { $0.host = host })
        let error = await failure { try await client.execute(Ping()) }
        #expect(error?.code == .storage && error?.message.contains("mismatch") == true)
        await client.close()
        await own.stop()
    }

    @Test("An encrypted client and a plain server, and the reverse, cannot connect") func mixed() async throws {
        try await Self.withTLS { own in
            let client = RedisClient(own.server.options { $0.tls = nil })
            #expect(await failure { try await client.execute(Ping()) }?.code == .unavailable)
            await client.close()
        }
        let client = RedisClient(
            try RedisServer.shared().options {
                $0.tls = RedisTLS()
                $0.connectTimeout = .seconds(2)
            })
        #expect(await failure { try await client.execute(Ping()) }?.code == .unavailable)
        await client.close()
    }

    private static func withTLS(_ body: @Sendable (OwnRedisServer) async throws -> Void) async throws {
        let certificates = try TestCertificates(for: "IP:127.0.0.1,DNS:localhost")
        defer { certificates.remove() }
        try await OwnRedisServer.with(certificates: certificates, body)
    }

    private static func addUser(to own: OwnRedisServer) async throws {
        let administrator = RedisClient(own.server.options())
        var words = RedisArguments("ACL", "SETUSER", "sheaf", "on", ">secret:1")
        for right in rights { words.append(right) }
        #expect(try await administrator.execute(AnyCommand(words)) == .status("OK"))
        await administrator.close()
    }

    /// Runs each script and each command once.
    private static func useAll(_ client: RedisClient) async throws {
        let check = try await client.check()
        #expect(check.warnings.isEmpty && check.version != nil)
        let (debouncer, lock, samples) = (RedisDebouncer(client), RedisLock(client), Samples())
        let entries = (0..<20).map { index in
            DebounceEntry(
                event: samples.eventID(), key: Samples.key(recipient: Int64(index)),
                policy: WindowPolicy(length: index < 10 ? .zero : .seconds(3600)))
        }
        #expect(try await debouncer.add(entries).count == 20)
        #expect(try await debouncer.missing(entries).isEmpty)
        #expect(try await debouncer.openWindows(after: nil, limit: 100).total == 20)
        #expect(try await debouncer.window(of: entries[0].event, key: entries[0].key) != nil)
        #expect(try await debouncer.flush(entries[10].key))
        let lease = Duration.seconds(60)
        let claims = try await debouncer.claim(windows: 100, events: 100, lease: lease).claims
        #expect(claims.count == 11)
        #expect(try await debouncer.renew(claims, lease: lease).count == 11)
        try await debouncer.release([claims[0]]) { _ in .zero }
        try await debouncer.acknowledge(Array(claims.dropFirst()))
        try await debouncer.erase(recipient: entries[19].key.recipient)
        let hold = try #require(try await lock.acquire("pruner", lease: lease))
        #expect(try await lock.renew(hold, lease: lease))
        try await lock.release(hold)
    }
}
