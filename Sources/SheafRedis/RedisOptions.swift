/// How a connection to Redis is encrypted. The server's certificate always has to be for the host that is asked for.
public struct RedisTLS: Hashable, Sendable {
    /// A PEM file of the authorities that may have signed the server's certificate; `nil` for the system's.
    public var authorities: String?

    public init(authorities: String? = nil) { self.authorities = authorities }
}

/// Where a Redis server is and how it is used.
public struct RedisOptions: Sendable {
    public var host: String
    public var port: Int
    /// Who asks, by Redis' ACL; `nil` is Redis' default user.
    public var user: String?
    public var password: String?
    /// `nil` if nothing is encrypted.
    public var tls: RedisTLS?
    /// The number of the database; Redis Cluster has only 0.
    public var database: Int
    /// The most connections that are open at once.
    public var poolSize: Int
    /// How long a caller waits for a connection to become free.
    public var maximumWait: Duration
    public var connectTimeout: Duration
    /// How long the server may be silent while an answer is due.
    public var commandTimeout: Duration
    /// What `CLIENT LIST` shows.
    public var clientName: String
    /// The number of hash-tagged shards of the debouncer, 1 to ``maximumShards``. All processes that share a Redis have
    /// the same; windows that wait in shards that are no more are left to the sweeper.
    public var shards: Int
    /// What all keys begin with. Without braces, so that the hash tag behind it is one.
    public var prefix: String

    /// What a window's number has room for.
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

    /// The address as errors name it.
    var address: String { "Redis at \(host):\(port)" }
}

extension RedisOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address without the password.
    public var description: String { "\(tls == nil ? "redis" : "rediss")://\(host):\(port)/\(database)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
