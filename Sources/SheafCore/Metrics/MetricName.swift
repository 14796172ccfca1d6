/// The names of Sheaf's metrics as Prometheus shows them, each with its labels.
public enum MetricName {
    /// Counter of events by `type`, `source` and `result`: the result of the intake.
    public static let eventsIngested = "sheaf_events_ingested_total"
    /// Counter of events that ended, by `type` and `outcome`.
    public static let eventsFinished = "sheaf_events_finished_total"
    /// Counter of notifications by `type` and `outcome`.
    public static let notifications = "sheaf_notifications_total"
    /// Gauge: windows that are open.
    public static let windowsOpen = "sheaf_windows_open"
    /// Histogram: events a closed window held.
    public static let windowEvents = "sheaf_window_events"
    /// Histogram of seconds: from a window's due time to the commit of its notification.
    public static let windowLateness = "sheaf_window_lateness_seconds"
    /// Gauge: notifications that are neither delivered nor failed.
    public static let notificationsPending = "sheaf_notifications_pending"
    /// Gauge: outbox rows that are not relayed yet.
    public static let outboxBacklog = "sheaf_outbox_backlog"
    /// Gauge of seconds: the age of the oldest outbox row that is ready and not relayed yet.
    public static let outboxOldest = "sheaf_outbox_oldest_seconds"
    /// Gauge of seconds: how far in the future the last due time is.
    public static let dueFurthest = "sheaf_due_furthest_seconds"
    /// Histogram of seconds, a timer, by `operation` and `outcome`.
    public static let operationDuration = "sheaf_operation_duration_seconds"
    /// Counter of restarts by `consumer`.
    public static let consumerRestarts = "sheaf_consumer_restarts_total"
    /// Counter of queue messages by `topic` and `outcome`.
    public static let messages = "sheaf_messages_total"
    /// Counter of dead-lettered messages, by `topic` and `reason`.
    public static let deadLetters = "sheaf_dead_letters_total"
    /// Counter of requests to the gateway by `status`: the HTTP status, or why there was none.
    public static let gatewayRequests = "sheaf_gateway_requests_total"
    /// Counter of rows removed after their retention, by `kind`: `events`, `notifications`, `dead_letters`.
    public static let prunedRows = "sheaf_pruned_rows_total"
    /// Counter of spans by `outcome`: `exported`, `failed` at the collector, `dropped` because too many waited.
    public static let spans = "sheaf_spans_total"
    /// Histogram of seconds, a timer, by `command` and `outcome`.
    public static let redisCommandDuration = "redis_command_duration_seconds"
    /// Gauge of connections by `state`.
    public static let redisPoolConnections = "redis_pool_connections"
    /// Gauge of seconds: the wait for a connection.
    public static let redisPoolWait = "redis_pool_wait_seconds"
    /// Gauge of connections by `state`.
    public static let postgresPoolConnections = "postgres_pool_connections"
    /// Gauge of seconds: the wait for a connection.
    public static let postgresPoolWait = "postgres_pool_wait_seconds"
}
