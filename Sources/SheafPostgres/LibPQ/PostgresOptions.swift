public import BlockingIO
import SheafCore

/// Where the PostgreSQL server is, who asks, and how patient the driver is.
public struct PostgresOptions: Sendable {
    /// What libpq is told, by its keywords: `host`, `port`, `user`, `password`, `dbname`, `sslmode` and so on. What is
    /// missing is libpq's default.
    public var parameters: [String: String]

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

    public init(_ parameters: [String: String]) { self.parameters = parameters }

    /// The parameters with which a connection is made.
    var connecting: [String: String] {
        var values = [
            "application_name": "sheaf",
            // A peer that is gone without a word is noticed within about twenty seconds.
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "15000",
            "connect_timeout": String(max(2, Int(connectTimeout.components.seconds))),
        ]
        values.merge(parameters) { $1 }
        values["client_encoding"] = "UTF8"
        // Of several servers the one that can be written is meant; a standby can do nothing for Sheaf.
        if values["target_session_attrs"] != "primary" { values["target_session_attrs"] = "read-write" }
        return values
    }

    /// What each session sets for itself, unless `options` of the address sets it. It is set once connected, since
    /// poolers do not take it from a connection's first message.
    var settings: [(name: String, value: String)] {
        let given = parameters["options"] ?? ""
        return serverSettings.filter { !given.contains($0.name) }
    }

    private var serverSettings: [(name: String, value: String)] {
        [
            ("statement_timeout", "\(statementTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(max(60_000, 2 * statementTimeout.milliseconds))"),
            // Tables fill and empty quickly; a plan made for an empty one would be kept for a full one. Statements are
            // few and large, so planning each costs little.
            ("plan_cache_mode", "force_custom_plan"), ("jit", "off"),
            // Every statement looks rows up by keys that an index has. Without statistics yet, or with those of an
            // emptier table, the planner would rather read a table whole for each batch. For the same reason the
            // statements that meet large tables look rows up one by one, in a LATERAL subquery that it cannot turn
            // around (OFFSET 0 keeps it from being merged into the join).
            ("enable_seqscan", "off"),
            // What is worked on is in memory, so that the few windows that are claimed of many due are better looked up in
            // their order than all read and sorted.
            ("random_page_cost", "1.1"),
        ]
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { microseconds / 1000 }
}
