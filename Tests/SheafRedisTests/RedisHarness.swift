import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafRedis

/// Debouncer and lock on a Redis server, separated from others by their prefix; the clock is the server's.
struct RedisHarness: DebouncerHarness, DistributedLockHarness {
    let client: RedisClient
    let debouncer: any Debouncer
    let lock: any DistributedLock
    let tick: Duration

    init(_ server: RedisServer, tick: Duration, shards: Int = 1, scripts: DebouncerScripts = DebouncerScripts()) {
        self.tick = tick
        client = RedisClient(server.options { $0.shards = shards })
        debouncer = RedisDebouncer(client, scripts: scripts)
        lock = RedisLock(client)
    }

    var margin: Duration { tick * 17 / 20 }

    func advance(by duration: Duration) async throws {
        try await Task.sleep(for: duration + .milliseconds(2), tolerance: .zero)
    }

    func otherProcess() async throws -> any DistributedLock { RedisLock(RedisClient(client.options)) }

    func tearDown() async { await client.close() }
}

/// Runs a check on a driver whose server has its own clock.
///
/// Other tests may take the processor for longer than a tick. A failed check is repeated with longer ticks: failures
/// for lack of time then pass, and real ones do not.
func patiently(
    _ harness: @Sendable (_ tick: Duration) throws -> RedisHarness,
    _ body: @escaping @Sendable (RedisHarness) async throws -> Void
) async throws {
    for milliseconds in [200, 600] {
        let hasFailed = Mutex(false)
        try await withKnownIssue("with ticks of \(milliseconds) ms", isIntermittent: true) {
            try await Slots.shared.run { try await harness(.milliseconds(milliseconds)).use(body) }
        } matching: { _ in
            hasFailed.withLock { $0 = true }
            return true
        }
        guard hasFailed.withLock({ $0 }) else { return }
    }
    try await Slots.shared.run { try await harness(.seconds(2)).use(body) }
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

/// The Sheaf error that `body` throws, if any.
func failure(of body: () async throws -> some Any) async -> SheafError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? SheafError
    }
}
