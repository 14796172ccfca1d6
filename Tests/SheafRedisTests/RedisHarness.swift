import SheafCore
import SheafTesting

@testable import SheafRedis

/// Debouncer and lock on a Redis server, apart from all others on it by their prefix; its clock is the server's.
struct RedisHarness: DebouncerHarness, DistributedLockHarness {
    let client: RedisClient
    let debouncer: any Debouncer
    let lock: any DistributedLock
    let tick: Duration = .milliseconds(200)
    let margin: Duration = .milliseconds(170)

    init(_ server: RedisServer, shards: Int = 1, scripts: DebouncerScripts = DebouncerScripts()) {
        client = RedisClient(server.options { $0.shards = shards })
        debouncer = RedisDebouncer(client, scripts: scripts)
        lock = RedisLock(client)
    }

    func advance(by duration: Duration) async throws {
        try await Task.sleep(for: duration + .milliseconds(2), tolerance: .zero)
    }

    func otherProcess() async throws -> any DistributedLock { RedisLock(RedisClient(client.options)) }

    func tearDown() async { await client.close() }
}

/// Any command, for tests.
struct AnyCommand: RedisCommand {
    static let name = "ANY"
    let arguments: RedisArguments

    init(_ words: String...) {
        var arguments = RedisArguments()
        for word in words { arguments.append(word) }
        self.arguments = arguments
    }

    init(_ arguments: RedisArguments) { self.arguments = arguments }

    func decode(_ reply: RedisValue) throws -> RedisValue { reply }
}

/// The error that `body` ends with, if it is one of Sheaf's.
func failure(of body: () async throws -> some Any) async -> SheafError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? SheafError
    }
}
