public import BlockingIO
import CLibPQ
public import SheafCore

/// Where the PostgreSQL server is, who asks, and how patient the driver is.
public struct PostgresOptions: Sendable {
    public var host: String
    public var port: Int
    public var user: String?
    public var password: String?
    public var database: String
    /// As libpq understands it: `disable`, `prefer`, `require`, `verify-ca`, `verify-full`.
    public var sslMode: String?
    /// Further parameters of libpq by their keywords, as `sslrootcert` or `options`.
    public var other: [String: String]

    /// The pool of connections.
    public var pool = ConnectionPoolOptions(size: 8)
    /// How long connecting may take.
    public var connectTimeout = Duration.seconds(5)
    /// How long a statement may run; the server ends it, and the driver the connection where the server does not.
    public var statementTimeout = Duration.seconds(30)
    /// How long a consumer of the outbox that gives no sign of life keeps its shards.
    public var lease = Duration.seconds(10)
    /// How often a consumer of the outbox prolongs its lease.
    public var heartbeat = Duration.seconds(3)

    public init(
        host: String, port: Int = 5432, user: String? = nil, password: String? = nil, database: String,
        sslMode: String? = nil, other: [String: String] = [:]
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.sslMode = sslMode
        self.other = other
    }

    /// The options in a connection string of libpq's, as `postgres://user:password@host:port/database?sslmode=…`.
    ///
    /// - Throws: ``SheafError`` `invalid`, without the string, where libpq does not understand it.
    public init(connectionString: String) throws(SheafError) {
        guard let parsed = PQconninfoParse(connectionString, nil) else {
            throw SheafError(.invalid, field: "store.url", "is no address of a PostgreSQL database")
        }
        defer { PQconninfoFree(parsed) }
        var values: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        func take(_ keyword: String) -> String? { values.removeValue(forKey: keyword) }
        let user = take("user")
        self.init(
            host: take("host") ?? "localhost", port: take("port").flatMap { Int($0) } ?? 5432, user: user,
            password: take("password"), database: take("dbname") ?? user ?? "postgres", sslMode: take("sslmode"))
        other = values
    }

    /// Keywords and values for `PQconnectdbParams`.
    var parameters: [(String, String)] {
        var values = [
            "host": host, "port": String(port), "dbname": database, "application_name": "sheaf",
            // A peer that is gone without a word is noticed within about twenty seconds.
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "15000",
        ]
        values["user"] = user
        values["password"] = password
        values["sslmode"] = sslMode
        values.merge(other) { _, given in given }
        values["connect_timeout"] = values["connect_timeout"] ?? String(max(2, Int(connectTimeout.components.seconds)))
        values["client_encoding"] = "UTF8"
        values["options"] = serverSettings + (other["options"].map { " \($0)" } ?? "")
        return values.map { ($0, $1) }
    }

    private var serverSettings: String {
        let settings = [
            "statement_timeout=\(statementTimeout.milliseconds)",
            "idle_in_transaction_session_timeout=\(max(60_000, 2 * statementTimeout.milliseconds))",
            // Tables fill and empty quickly; a plan made for an empty one would be kept for a full one. Statements are
            // few and large, so planning each costs little.
            "plan_cache_mode=force_custom_plan", "jit=off",
            // Every statement looks rows up by keys that an index has. Without statistics yet, or with those of an
            // emptier table, the planner would rather read a table whole for each batch. For the same reason the
            // statements that meet large tables look rows up one by one, in a LATERAL subquery that it cannot turn
            // around (OFFSET 0 keeps it from being merged into the join).
            "enable_seqscan=off",
            // What is worked on is in memory, so that the few windows that are claimed of many due are better looked up in
            // their order than all read and sorted.
            "random_page_cost=1.1",
        ]
        return settings.map { "-c \($0)" }.joined(separator: " ")
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { microseconds / 1000 }
}
