import SheafCore

extension MetricDescription {
    /// Every metric of Sheaf. Metrics of optional drivers are shown once they are used.
    public static let sheaf: [MetricDescription] = events + windows + queue + tracing + drivers

    private static let events: [MetricDescription] = [
        .counter(
            MetricName.eventsIngested, help: "Events by result of the intake.",
            labels: ["type", "source", "result"]),
        .counter(
            MetricName.eventsFinished, help: "Ended events by outcome.", labels: ["type", "outcome"]),
        .counter(
            MetricName.notifications, help: "Notifications by outcome.", labels: ["type", "outcome"]),
    ]

    private static let windows: [MetricDescription] = [
        .gauge(MetricName.windowsOpen, help: "Windows that are open now."),
        .gauge(MetricName.notificationsPending, help: "Notifications that are neither delivered nor failed."),
        .histogram(
            MetricName.windowEvents, help: "Events that a closed window held.", buckets: HistogramBuckets.counts),
        .histogram(
            MetricName.windowLateness, help: "Time from a window's due time to the commit of its notification.",
            buckets: HistogramBuckets.lateness),
    ]

    private static let queue: [MetricDescription] = [
        .gauge(MetricName.outboxBacklog, help: "Outbox rows that wait to be relayed."),
        .gauge(MetricName.dueFurthest, help: "How far ahead the last window or message is due."),
        .gauge(MetricName.outboxOldest, help: "Age of the oldest outbox row that is ready to be relayed."),
        .histogram(
            MetricName.operationDuration, help: "Time that operations took.", buckets: HistogramBuckets.durations,
            labels: ["operation", "outcome"]),
        .counter(
            MetricName.consumerRestarts, help: "Consumers that failed and were started again.", labels: ["consumer"]),
        .counter(
            MetricName.messages, help: "Queue messages by outcome.", labels: ["topic", "outcome"]),
        .counter(
            MetricName.deadLetters, help: "Dead-lettered messages by reason.", labels: ["topic", "reason"]),
        .counter(
            MetricName.gatewayRequests, help: "Requests to the gateway by status.",
            labels: ["status"]),
        .counter(MetricName.prunedRows, help: "Rows removed after their retention.", labels: ["kind"]),
    ]

    private static let tracing: [MetricDescription] = [
        .counter(
            MetricName.spans, help: "Spans by outcome.", labels: ["outcome"],
            presence: .onceUsed)
    ]

    private static let drivers: [MetricDescription] = [
        .histogram(
            MetricName.redisCommandDuration, help: "Time that Redis commands took.",
            buckets: HistogramBuckets.durations, labels: ["command", "outcome"], presence: .onceUsed),
        .gauge(
            MetricName.redisPoolConnections, help: "Connections to Redis by state.", labels: ["state"],
            presence: .onceUsed),
        .gauge(
            MetricName.redisPoolWait, help: "Wait for a connection to Redis from the pool.", presence: .onceUsed),
        .gauge(
            MetricName.postgresPoolConnections, help: "Connections to PostgreSQL by state.", labels: ["state"],
            presence: .onceUsed),
        .gauge(
            MetricName.postgresPoolWait, help: "Wait for a connection to PostgreSQL from the pool.",
            presence: .onceUsed),
    ]
}
