internal import Metrics
import SheafCore

/// Counters of ended events.
final class DigestMetrics: Sendable {
    private struct Counters: Sendable {
        let processed: Counter
        let suppressed: Counter
        let dead: Counter
        let composed: Counter

        init(type: String) {
            func finished(_ outcome: String) -> Counter {
                Counter(label: Metric.eventsFinished.name, dimensions: [("type", type), ("outcome", outcome)])
            }
            processed = finished("processed")
            suppressed = finished("suppressed")
            dead = finished("dead")
            composed = Counter(
                label: Metric.notifications.name, dimensions: [("type", type), ("outcome", "composed")])
        }
    }

    private let counters: TypeMetrics<Counters>
    private let windowEvents = Recorder(label: Metric.windowEvents.name, dimensions: [], aggregate: true)

    init(catalog: LiveCatalog) {
        counters = TypeMetrics(catalog) { Counters(type: $0) }
    }

    func count(_ digest: Digest, _ deadLetters: [DeadLetter]) {
        let counters = counters[digest.window.key.type]
        if digest.reason == nil {
            counters?.processed.increment(by: digest.eventCount)
            counters?.composed.increment()
        } else {
            counters?.suppressed.increment(by: digest.eventCount)
        }
        counters?.dead.increment(by: digest.exceptions.count { $0.status == .dead })
        counters?.suppressed.increment(by: digest.exceptions.count { $0.status == .suppressed })
        for letter in deadLetters { DeadLetterMetrics.count(1, topic: letter.topic, reason: letter.reason) }
        if !digest.isAlone, !digest.events.isEmpty { windowEvents.record(digest.events.count) }
    }

    /// Counts events that were suppressed when they were accepted.
    func suppressed(_ count: Int, type: EventTypeCode) { counters[type]?.suppressed.increment(by: count) }

    func dead(_ events: [Event], reason: String) {
        for event in events { counters[event.type]?.dead.increment() }
        DeadLetterMetrics.count(events.count, topic: Topic.eventOccurred.rawValue, reason: reason)
    }
}

/// Counts `sheaf_dead_letters_total` by topic and reason; both have few values.
enum DeadLetterMetrics {
    static func count(_ count: Int, topic: String, reason: String) {
        Counter(label: Metric.deadLetters.name, dimensions: [("topic", topic), ("reason", reason)])
            .increment(by: count)
    }
}
