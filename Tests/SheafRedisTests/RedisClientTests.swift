import Foundation
import SheafCore
import Testing

@testable import SheafRedis

@Suite("A client of Redis", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisClientTests {
    @Test("Keys and values are any bytes") func binary() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let bytes = (0...255).map(UInt8.init) + Array("\r\n$3\r\n".utf8)
        for value in [bytes, [], [0], Array(repeating: 7, count: 1_000_000)] {
            var set = RedisArguments("SET")
            set.append(Array(client.options.prefix.utf8) + bytes)
            set.append(value)
            set.append("EX")
            set.append(60)
            #expect(try await client.execute(AnyCommand(set)) == .status("OK"))
            var get = RedisArguments("GET")
            get.append(Array(client.options.prefix.utf8) + bytes)
            #expect(try await client.execute(AnyCommand(get)) == .string(value))
        }
        await client.close()
    }

    @Test("Replies of every kind are read") func kinds() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let reply = try await client.execute(
            AnyCommand("EVAL", "return {1, 'a', {2, {false, ''}}, redis.status_reply('FINE'), -9007199254740991}", "0"))
        #expect(
            reply
                == .array([
                    .integer(1), .string([97]), .array([.integer(2), .array([.null, .string([])])]), .status("FINE"),
                    .integer(-9_007_199_254_740_991),
                ]))
        await client.close()
    }

    @Test("Many commands take one round trip and are answered in order") func pipeline() async throws {
        let client = RedisClient(try RedisServer.shared().options { $0.poolSize = 1 })
        _ = try await client.execute(Ping())
        let connection = try await RedisConnection.open(client.options)
        let replies = try await connection.exchange((0..<1000).map { RedisArguments("ECHO", String($0)) })
        #expect(replies == (0..<1000).map { .string(Array(String($0).utf8)) })
        let echoes = try await client.execute((0..<500).map { AnyCommand("ECHO", String($0)) })
        #expect(echoes.count == 500 && echoes.last == .string(Array("499".utf8)))
        await connection.close()
        await client.close()
    }

    @Test("A failed command does not prevent the others from running") func failingInPipeline() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let key = client.options.prefix + "x"
        let error = await failure {
            try await client.execute([
                AnyCommand("SET", key, "1", "EX", "60"), AnyCommand("LPUSH", key, "2"), AnyCommand("INCR", key),
            ])
        }
        #expect(error?.code == .storage && error?.message.contains("WRONGTYPE") == true)
        #expect(try await client.execute(AnyCommand("GET", key)) == .string(Array("2".utf8)))
        await client.close()
    }

    @Test(
        "Errors are distinguished by their prefix",
        arguments: [
            ("LOADING Redis is loading", SheafError.Code.unavailable), ("READONLY You can't", .unavailable),
            ("MASTERDOWN Link", .unavailable), ("BUSY Redis is busy", .unavailable), ("CLUSTERDOWN x", .unavailable),
            ("ERR max number of clients reached", .unavailable), ("OOM command not allowed", .storage),
            ("MISCONF Redis", .storage), ("WRONGTYPE Operation", .storage), ("MOVED 3999 127.0.0.1:6381", .storage),
            ("NOAUTH Authentication required.", .storage), ("NOPERM x", .storage), ("CROSSSLOT x", .storage),
            ("ERR syntax error", .storage), ("odd", .storage), ("", .storage),
        ])
    func errors(text: String, code: SheafError.Code) {
        #expect(RedisReplyError(text).sheafError.code == code)
        #expect(RedisReplyError(text).description.hasPrefix(text.isEmpty || text == "odd" ? "ERR" : text))
    }

    @Test("Errors never repeat a command's arguments") func noArguments() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let error = await failure { try await client.execute(AnyCommand("NOSUCH", "hunter2")) }
        #expect(error?.message == "Redis answered ERR unknown command 'NOSUCH'")
        await client.close()
    }

    @Test("The password is required, accepted, and shown in no error") func password() async throws {
        try await OwnRedisServer.with(["--requirepass", "hunter2"]) { own in
            let right = RedisClient(own.server.options { $0.password = "hunter2" })
            try await right.execute(Ping())
            for wrong in [nil, "hunter3-secret", ""] {
                let options = own.server.options { $0.password = wrong }
                let error = await failure { try await RedisClient(options).execute(Ping()) }
                #expect(error?.code == .storage)
                #expect("\(String(describing: error))".contains("hunter") == false)
                #expect("\(options) \(String(reflecting: options))".contains("hunter") == false)
                var dumped = ""
                dump(options, to: &dumped)
                #expect(!dumped.contains("hunter"))
            }
            await right.close()
        }
        // This server accepts no password at all, and says so.
        let options = try RedisServer.shared().options { $0.password = "hunter2" }
        let error = await failure { try await RedisClient(options).execute(Ping()) }
        #expect(error?.code == .storage && error?.message.contains("hunter") == false)
    }

    @Test("Database and name of the client are set") func greeting() async throws {
        let client = RedisClient(
            try RedisServer.shared().options {
                $0.database = 9
                $0.clientName = "sheaf-test"
            })
        guard case .string(let bytes) = try await client.execute(AnyCommand("CLIENT", "INFO")) else {
            throw SheafError(.invalid, "no answer")
        }
        let info = String(decoding: bytes, as: UTF8.self)
        #expect(info.contains(" db=9 ") && info.contains(" name=sheaf-test "))
        let error = await failure {
            try await RedisClient(RedisServer.shared().options { $0.database = 999 }).execute(Ping())
        }
        #expect(error?.code == .storage)
        await client.close()
    }

    @Test("A silent server times out, and its connection is not used again")
    func timeout() async throws {
        try await OwnRedisServer.with { own in
            let client = RedisClient(
                own.server.options {
                    $0.commandTimeout = .milliseconds(200)
                    $0.poolSize = 1
                })
            try await client.execute(Ping())
            let start = ContinuousClock.now
            let error = await failure { try await client.execute(AnyCommand("DEBUG", "SLEEP", "4")) }
            #expect(error?.code == .unavailable && error?.message.contains("did not answer in") == true)
            #expect(ContinuousClock.now - start < .seconds(3))
            try await Task.sleep(for: .seconds(4))
            // The late reply to the first command is not taken for the second's.
            #expect(try await client.execute(AnyCommand("ECHO", "x")) == .string([120]))
            await client.close()
        }
    }

    @Test("If nothing listens, the error says so", arguments: ["127.0.0.1", "no-such-host.invalid"])
    func nowhere(host: String) async throws {
        let client = RedisClient(RedisOptions(host: host, port: 1, connectTimeout: .seconds(2)))
        let error = await failure { try await client.execute(Ping()) }
        #expect(error?.code == .unavailable && error?.message.contains(host) == true)
    }

    @Test("A command that was sent is run even if its task is cancelled") func cancelled() async throws {
        let client = RedisClient(try RedisServer.shared().options())
        let key = client.options.prefix + "x"
        try await client.execute(Ping())
        let tasks = (0..<20).map { _ in Task { try await client.execute(AnyCommand("INCR", key)) } }
        for task in tasks { task.cancel() }
        var done = 0
        for task in tasks where (try? await task.value) != nil { done += 1 }
        let count = try await client.execute(AnyCommand("GET", key))
        #expect(count == (done == 0 ? .null : .string(Array(String(done).utf8))))
        _ = try await client.execute(AnyCommand("DEL", key))
        await client.close()
    }
}
