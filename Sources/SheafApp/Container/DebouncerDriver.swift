import SheafCore
import SheafRedis

/// Where open windows live (`debouncer.url`).
public enum DebouncerURL: Hashable, Sendable {
    /// In the store's database.
    case store
    case redis(RedisURL)
}

extension ValueParser where Value == DebouncerURL {
    static var debouncerURL: ValueParser {
        .text { text throws(Rejection) in
            if text == "store" { return .store }
            let form = "redis://user:password@host:port/db or rediss://…"
            guard text.scheme == "redis" || text.scheme == "rediss" else { throw .address(text, "store or \(form)") }
            guard let url = RedisURL(text) else { throw Rejection("is not a Redis address; write \(form)") }
            return .redis(url)
        }
    }
}

/// A server that holds windows outside the store.
struct DebouncerDriver: Sendable {
    let name: String
    let debouncer: any Debouncer
    /// For stores that have none.
    let lock: any DistributedLock
    /// What the server answers, and what operators should know of it.
    let check: @Sendable () async throws -> (answer: String, warnings: [String])
    /// Checks idle connections until the task is cancelled.
    let run: @Sendable (any TimeSource) async -> Void
    let close: @Sendable () async -> Void

    /// The driver that the configuration names; `nil` if windows live in the store.
    static func configured(_ settings: Settings) -> DebouncerDriver? {
        switch settings.debouncer.url {
        case .store: nil
        case .redis(let url): redis(url, shards: settings.redis.shards)
        }
    }

    private static func redis(_ url: RedisURL, shards: Int) -> DebouncerDriver {
        let client = RedisClient(
            RedisOptions(
                host: url.host, port: url.port, user: url.user, password: url.password?.exposed,
                tls: url.isEncrypted ? RedisTLS(authorities: url.authorities) : nil, database: url.database,
                shards: shards))
        return DebouncerDriver(
            name: "Redis", debouncer: RedisDebouncer(client), lock: RedisLock(client),
            check: {
                let check = try await client.check()
                return (check.version.map { "Redis \($0) answers" } ?? "answers", check.warnings)
            }, run: { await client.run(on: $0) }, close: { await client.close() })
    }
}
