public import SheafCore

/// Locks on Redis, each one key that expires with its lease
/// (https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/, on one server).
///
/// If Redis loses its data, a lock can be held twice; the fence shows who came later.
public final class RedisLock: DistributedLock {
    private let client: RedisClient

    public init(_ client: RedisClient) { self.client = client }

    public func acquire(_ name: String, lease: Duration) async throws -> LockHold? {
        // Random, so that no two holders share it, even in different processes.
        let token =
            String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        let fence = try await client.execute(AcquireLock(key: key(name), token: token, lease: lease))
        return fence.map { LockHold(name: name, token: token, fence: $0) }
    }

    public func renew(_ hold: LockHold, lease: Duration) async throws -> Bool {
        try await client.execute(RenewLock(key: key(hold.name), token: hold.token, lease: lease))
    }

    public func release(_ hold: LockHold) async throws {
        _ = try await client.execute(ReleaseLock(key: key(hold.name), token: hold.token))
    }

    /// The hash tag is never empty, so a lock and its fence are in one slot, whatever the name.
    private func key(_ name: String) -> String { "\(client.options.prefix){lock:\(name)}" }
}
