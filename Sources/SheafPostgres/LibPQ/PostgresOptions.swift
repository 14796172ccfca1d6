public import BlockingIO
import SheafCore

/// The address of the PostgreSQL server, the credentials, and the driver's time limits.
public struct PostgresOptions: Sendable {
    /// Libpq's parameters by keyword: `host`, `port`, `user`, `password`, `dbname`, `sslmode` and so on. Missing ones
    /// have libpq's defaults.
    public var parameters: [String: String]

    /// The pool of connections.
    public var pool = ConnectionPoolOptions(size: 8)
    /// How long connecting may take.
    public var connectTimeout = Duration.seconds(5)
    /// How long a statement may run. The server cancels it; if the server does not, the driver closes the connection.
    public var statementTimeout = Duration.seconds(30)
    /// How long an outbox consumer keeps its shards without a heartbeat.
    public var lease = Duration.seconds(10)
    /// How often an outbox consumer extends its lease.
    public var heartbeat = Duration.seconds(3)

    public init(_ parameters: [String: String]) { self.parameters = parameters }

    /// The parameters of a new connection.
    var connecting: [String: String] {
        var values = [
            "application_name": "sheaf",
            // A peer that disappears without closing the connection is noticed within about twenty seconds.
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "15000",
            "connect_timeout": String(max(2, Int(connectTimeout.components.seconds))),
        ]
        values.merge(parameters) { $1 }
        values["client_encoding"] = "UTF8"
        // Of several servers, use the one that accepts writes; a standby is of no use to Sheaf.
        if values["target_session_attrs"] != "primary" { values["target_session_attrs"] = "read-write" }
        return values
    }

    /// The settings of each session, unless `options` of the address sets them. They are set after connecting, since
    /// poolers do not accept them in a connection's first message.
    var settings: [(name: String, value: String)] {
        let given = parameters["options"] ?? ""
        return serverSettings.filter { !given.contains($0.name) }
    }

    private var serverSettings: [(name: String, value: String)] {
        [
            ("statement_timeout", "\(statementTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(max(60_000, 2 * statementTimeout.milliseconds))"),
            // Tables fill and empty quickly, so a plan made for an empty table would be kept for a full one. Statements
            // are few and large, so planning each of them costs little.
            ("plan_cache_mode", "force_custom_plan"), ("jit", "off"),
            // Every statement finds rows by indexed keys. Without statistics, or with those of an emptier table, the
            // planner would prefer to scan a whole table for each batch. For the same reason, statements on large
            // tables look up rows one by one in a LATERAL subquery; OFFSET 0 keeps the planner from merging it into the
            // join.
            ("enable_seqscan", "off"),
            // Current rows are in memory. So when few of many due windows are claimed, reading them in index order is
            // faster than reading all and sorting them.
            ("random_page_cost", "1.1"),
        ]
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { microseconds / 1000 }
}
