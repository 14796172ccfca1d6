internal import Metrics
import SheafCore
internal import Synchronization

/// Counts `sheaf_events_ingested_total` by type, source and result. The source is the intake, so it has few values.
final class IngestMetrics: Sendable {
    private struct Key: Hashable {
        let type: EventTypeCode
        let source: String
        let result: String
    }

    private let catalog: LiveCatalog
    private let counters = Mutex<[Key: Counter]>([:])

    init(catalog: LiveCatalog) { self.catalog = catalog }

    func count(_ count: Int, _ result: String, type: EventTypeCode, source: String) {
        if count > 0 { increment(Key(type: type, source: source, result: result), by: count) }
    }

    func rejected(_ incoming: IncomingEvent?, source: String) {
        // Databus records and CloudEvents name their type by the topic.
        let type = incoming.flatMap { catalog.current.type(of: $0.type) }
        increment(Key(type: type?.code ?? 0, source: source, result: "rejected"), by: 1)
    }

    private func increment(_ key: Key, by count: Int) {
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: Metric.eventsIngested.name,
                dimensions: [
                    ("type", catalog.current.type(code: key.type)?.name ?? "unknown"), ("source", key.source),
                    ("result", key.result),
                ])
            counters[key] = counter
            return counter
        }
        counter.increment(by: count)
    }
}
