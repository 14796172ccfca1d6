internal import Metrics
import SheafCore
internal import Synchronization

/// `sheaf_events_ingested_total` by type, source and result.
///
/// Sources come from producers, so only the intake's own stay apart; all CloudEvents' sources count as one.
final class IngestMetrics: Sendable {
    private struct Key: Hashable {
        let type: EventTypeCode
        let source: String
        let result: String
    }

    private let catalog: EventCatalog
    private let counters = Mutex<[Key: Counter]>([:])

    init(catalog: EventCatalog) { self.catalog = catalog }

    func count(_ event: Event, isStored: Bool) {
        increment(Key(type: event.type, source: source(event.source), result: isStored ? "accepted" : "duplicate"))
    }

    func rejected(_ incoming: IncomingEvent?) {
        let type = incoming.flatMap { catalog.type(named: $0.type) }
        increment(Key(type: type?.code ?? 0, source: source(incoming?.source ?? "unknown"), result: "rejected"))
    }

    private func source(_ name: String) -> String {
        switch name {
        case "http", "file", "unknown": name
        case _ where catalog.type(topic: name) != nil: "databus"
        default: "cloudevents"
        }
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
