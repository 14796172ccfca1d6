/// How a connection to Redis is encrypted. The server's certificate must always match the host.
public struct RedisTLS: Hashable, Sendable {
    /// A PEM file of the certificate authorities to trust; `nil` for the system's.
    public var authorities: String?

    public init(authorities: String? = nil) { self.authorities = authorities }
}

/// The address of a Redis server, and how to use it.
public struct RedisOptions: Sendable {
    public var host: String
    public var port: Int
    /// The user of Redis's ACL; `nil` for Redis's default user.
    public var user: String?
    public var password: String?
    /// `nil` for a connection without encryption.
    public var tls: RedisTLS?
    /// The number of the database; Redis Cluster has only 0.
    public var database: Int
    /// The maximum open connections.
    public var poolSize: Int
    /// How long a caller waits for a connection to become free.
    public var maximumWait: Duration
    public var connectTimeout: Duration
    /// How long to wait for a reply.
    public var commandTimeout: Duration
    /// The name in `CLIENT LIST`.
    public var clientName: String
    /// The number of hash-tagged shards of the debouncer, 1 to ``maximumShards``. All processes that share a Redis use
    /// the same number. If it shrinks, the rescuer recovers the events in windows of the shards that are gone.
    public var shards: Int
    /// The prefix of all keys. It has no braces, so that the hash tag after it takes effect.
    public var prefix: String

    /// The maximum that a window's number can hold.
    public static let maximumShards = 1024

    public init(
        host: String = "127.0.0.1", port: Int = 6379, user: String? = nil, password: String? = nil,
        tls: RedisTLS? = nil, database: Int = 0, poolSize: Int = 8,
        maximumWait: Duration = .seconds(10), connectTimeout: Duration = .seconds(3),
        commandTimeout: Duration = .seconds(5), clientName: String = "sheaf", shards: Int = 1, prefix: String = "sheaf:"
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.tls = tls
        self.database = database
        self.poolSize = poolSize
        self.maximumWait = maximumWait
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.clientName = clientName
        self.shards = min(max(1, shards), Self.maximumShards)
        self.prefix = prefix.filter { $0 != "{" && $0 != "}" }
    }

    /// The address in error messages.
    var address: String { "Redis at \(host):\(port)" }
}

extension RedisOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address without the password.
    public var description: String { "\(tls == nil ? "redis" : "rediss")://\(host):\(port)/\(database)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
