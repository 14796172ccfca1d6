internal import Metrics
import SheafCore

/// What is counted where events end.
final class ComposeMetrics: Sendable {
    private struct Counters {
        let processed: Counter
        let suppressed: Counter
        let dead: Counter
        let composed: Counter

        init(type: String) {
            func finished(_ outcome: String) -> Counter {
                Counter(label: "sheaf_events_finished_total", dimensions: [("type", type), ("outcome", outcome)])
            }
            processed = finished("processed")
            suppressed = finished("suppressed")
            dead = finished("dead")
            composed = Counter(
                label: "sheaf_notifications_total", dimensions: [("type", type), ("outcome", "composed")])
        }
    }

    private let counters: [EventTypeCode: Counters]
    private let windowEvents = Recorder(label: "sheaf_window_events", dimensions: [], aggregate: true)

    init(catalog: EventCatalog) {
        counters = Dictionary(uniqueKeysWithValues: catalog.types.map { ($0.code, Counters(type: $0.name)) })
    }

    func bound(_ binding: Binding) {
        let counters = counters[binding.type]
        switch binding.composition {
        case .notification:
            counters?.processed.increment(by: binding.events.count)
            counters?.composed.increment()
        case .suppressed:
            counters?.suppressed.increment(by: binding.events.count)
        }
        if binding.window != nil { windowEvents.record(binding.events.count) }
    }

    func dead(_ count: Int, type: EventTypeCode, reason: String) {
        counters[type]?.dead.increment(by: count)
        DeadLetterMetrics.count(count, topic: Topic.eventOccurred.rawValue, reason: reason)
    }
}

/// `sheaf_dead_letters_total` by topic and reason; both are of few values.
enum DeadLetterMetrics {
    static func count(_ count: Int, topic: String, reason: String) {
        Counter(label: "sheaf_dead_letters_total", dimensions: [("topic", topic), ("reason", reason)])
            .increment(by: count)
    }
}
