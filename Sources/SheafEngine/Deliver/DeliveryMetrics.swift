internal import Metrics
import SheafCore

/// Counters of deliveries. Each outcome has its counter from the start, since a counter that appears with its first
/// increment shows no rate.
final class DeliveryMetrics: Sendable {
    private struct Counters: Sendable {
        let delivered: Counter
        let failed: Counter

        init(type: String) {
            func ended(_ outcome: DeliveryAttempt.Outcome) -> Counter {
                Counter(label: Metric.notifications.name, dimensions: [("type", type), ("outcome", outcome.rawValue)])
            }
            delivered = ended(.delivered)
            failed = ended(.failed)
        }
    }

    private let counters: TypeMetrics<Counters>
    private let unknown = Counters(type: "unknown")

    init(catalog: LiveCatalog) {
        counters = TypeMetrics(catalog) { Counters(type: $0) }
    }

    func count(_ delivery: Delivery) {
        let status = delivery.httpStatus.map(String.init) ?? (delivery.result == .delivered ? "none" : "error")
        Counter(label: Metric.gatewayRequests.name, dimensions: [("status", status)]).increment()
        let counters = counters[delivery.notification.type] ?? unknown
        switch delivery.result {
        case .retry: break
        case .delivered: counters.delivered.increment()
        case .failed:
            counters.failed.increment()
            DeadLetterMetrics.count(1, topic: Topic.notificationSend.rawValue, reason: delivery.reason)
        }
    }
}
