/// Sheaf's metrics, each declared once; what counts it takes the name: `Counter(label: Metric.messages.name, …)`.
extension Metric {
    /// All of them. Those of optional drivers are shown once they are used.
    public static let all = [
        eventsIngested, eventsFinished, notifications, windowsOpen, notificationsPending, windowEvents, windowLateness,
        outboxBacklog, dueFurthest, outboxOldest, operationDuration, consumerRestarts, messages, deadLetters,
        gatewayRequests, prunedRows, spans, redisCommandDuration, redisPoolConnections, redisPoolWait,
        postgresPoolConnections, postgresPoolWait,
    ]

    // MARK: Events and windows

    public static let eventsIngested = counter(
        "sheaf_events_ingested_total", labels: ["type", "source", "result"], help: "Events by result of the intake.")
    public static let eventsFinished = counter(
        "sheaf_events_finished_total", labels: ["type", "outcome"], help: "Ended events by outcome.")
    public static let notifications = counter(
        "sheaf_notifications_total", labels: ["type", "outcome"], help: "Notifications by outcome.")
    public static let windowsOpen = gauge("sheaf_windows_open", help: "Windows that are open now.")
    public static let notificationsPending = gauge(
        "sheaf_notifications_pending", help: "Notifications that are neither delivered nor failed.")
    public static let windowEvents = histogram(
        "sheaf_window_events", buckets: Buckets.counts, help: "Events that a closed window held.")
    public static let windowLateness = histogram(
        "sheaf_window_lateness_seconds", buckets: Buckets.lateness,
        help: "Time from a window's due time to the commit of its notification.")

    // MARK: Outbox, queue and delivery

    public static let outboxBacklog = gauge("sheaf_outbox_backlog", help: "Outbox rows that wait to be relayed.")
    public static let dueFurthest = gauge(
        "sheaf_due_furthest_seconds", help: "How far ahead the last window or message is due.")
    public static let outboxOldest = gauge(
        "sheaf_outbox_oldest_seconds", help: "Age of the oldest outbox row that is ready to be relayed.")
    public static let operationDuration = histogram(
        "sheaf_operation_duration_seconds", labels: ["operation", "outcome"], buckets: Buckets.durations,
        help: "Time that operations took.")
    public static let consumerRestarts = counter(
        "sheaf_consumer_restarts_total", labels: ["consumer"], help: "Consumers that failed and were started again.")
    public static let messages = counter(
        "sheaf_messages_total", labels: ["topic", "outcome"], help: "Queue messages by outcome.")
    public static let deadLetters = counter(
        "sheaf_dead_letters_total", labels: ["topic", "reason"], help: "Dead-lettered messages by reason.")
    /// Status: the HTTP status, or why there was none.
    public static let gatewayRequests = counter(
        "sheaf_gateway_requests_total", labels: ["status"], help: "Requests to the gateway by status.")
    /// Kind: `events`, `notifications`, `dead_letters`.
    public static let prunedRows = counter(
        "sheaf_pruned_rows_total", labels: ["kind"], help: "Rows removed after their retention.")

    // MARK: Optional parts

    /// Outcome: `exported`, `failed` at the collector, `dropped` because too many waited.
    public static let spans = counter(
        "sheaf_spans_total", labels: ["outcome"], help: "Spans by outcome.", presence: .onceUsed)
    public static let redisCommandDuration = histogram(
        "redis_command_duration_seconds", labels: ["command", "outcome"], buckets: Buckets.durations,
        help: "Time that Redis commands took.", presence: .onceUsed)
    public static let redisPoolConnections = gauge(
        "redis_pool_connections", labels: ["state"], help: "Connections to Redis by state.", presence: .onceUsed)
    public static let redisPoolWait = gauge(
        "redis_pool_wait_seconds", help: "Wait for a connection to Redis from the pool.", presence: .onceUsed)
    public static let postgresPoolConnections = gauge(
        "postgres_pool_connections", labels: ["state"],
        help: "Connections to PostgreSQL by state.", presence: .onceUsed)
    public static let postgresPoolWait = gauge(
        "postgres_pool_wait_seconds", help: "Wait for a connection to PostgreSQL from the pool.", presence: .onceUsed)
}

extension Metric {
    /// Upper bounds of histograms' buckets.
    public enum Buckets {
        /// Seconds that operations and requests take: 100 µs to 10 s.
        public static let durations: [Double] = [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]
        /// Seconds that something is late: 1 ms to a minute.
        public static let lateness: [Double] = [
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60,
        ]
        /// Numbers of things: 1 to 10,000.
        public static let counts: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
    }
}
