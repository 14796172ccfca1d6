internal import Metrics
import SheafCore
internal import Synchronization

/// `sheaf_events_ingested_total` by type, source and result; the source is the intake, of which there are few.
final class IngestMetrics: Sendable {
    private struct Key: Hashable {
        let type: EventTypeCode
        let source: String
        let result: String
    }

    private let catalog: EventCatalog
    private let counters = Mutex<[Key: Counter]>([:])

    init(catalog: EventCatalog) { self.catalog = catalog }

    func count(_ event: Event, source: String, isStored: Bool) {
        increment(Key(type: event.type, source: source, result: isStored ? "accepted" : "duplicate"))
    }

    func rejected(_ incoming: IncomingEvent?, source: String) {
        let type = incoming.flatMap { catalog.type(named: $0.type) }
        increment(Key(type: type?.code ?? 0, source: source, result: "rejected"))
    }

    private func increment(_ key: Key) {
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: "sheaf_events_ingested_total",
                dimensions: [
                    ("type", catalog.type(code: key.type)?.name ?? "unknown"), ("source", key.source),
                    ("result", key.result),
                ])
            counters[key] = counter
            return counter
        }
        counter.increment()
    }
}
