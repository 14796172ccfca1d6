import CoreMetrics
import SheafCore
import SheafObservability

/// A metric that operators rely on, declared again here, independently of the code; `test_monitoring.py` reads it, too.
struct ContractMetric {
    let name: String
    let type: String
    let labels: [String]

    /// All of them.
    static let all: [ContractMetric] = [
        .init(name: "sheaf_events_ingested_total", type: "counter", labels: ["type", "source", "result"]),
        .init(name: "sheaf_events_finished_total", type: "counter", labels: ["type", "outcome"]),
        .init(name: "sheaf_notifications_total", type: "counter", labels: ["type", "outcome"]),
        .init(name: "sheaf_windows_open", type: "gauge", labels: []),
        .init(name: "sheaf_notifications_pending", type: "gauge", labels: []),
        .init(name: "sheaf_window_events", type: "histogram", labels: []),
        .init(name: "sheaf_window_lateness_seconds", type: "histogram", labels: []),
        .init(name: "sheaf_outbox_backlog", type: "gauge", labels: []),
        .init(name: "sheaf_due_furthest_seconds", type: "gauge", labels: []),
        .init(name: "sheaf_outbox_oldest_seconds", type: "gauge", labels: []),
        .init(name: "sheaf_operation_duration_seconds", type: "histogram", labels: ["operation", "outcome"]),
        .init(name: "sheaf_consumer_restarts_total", type: "counter", labels: ["consumer"]),
        .init(name: "sheaf_messages_total", type: "counter", labels: ["topic", "outcome"]),
        .init(name: "sheaf_dead_letters_total", type: "counter", labels: ["topic", "reason"]),
        .init(name: "sheaf_gateway_requests_total", type: "counter", labels: ["status"]),
        .init(name: "redis_command_duration_seconds", type: "histogram", labels: ["command", "outcome"]),
        .init(name: "redis_pool_connections", type: "gauge", labels: ["state"]),
        .init(name: "redis_pool_wait_seconds", type: "gauge", labels: []),
        .init(name: "postgres_pool_connections", type: "gauge", labels: ["state"]),
        .init(name: "postgres_pool_wait_seconds", type: "gauge", labels: []),
    ]
}

extension Metric {
    /// Sets a value with labels that have `value`.
    func use(_ registry: PrometheusRegistry, labelled value: String) {
        let dimensions = labels.map { ($0, value) }
        switch kind {
        case .counter: Counter(label: name, dimensions: dimensions, factory: registry).increment()
        case .gauge: Gauge(label: name, dimensions: dimensions, factory: registry).record(1.5)
        case .histogram: Recorder(label: name, dimensions: dimensions, factory: registry).record(0.03)
        }
    }
}
