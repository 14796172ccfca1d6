import SheafCore
import Synchronization

/// Metrics by type. Each type has its counters as soon as it appears, since a counter that appears with its first
/// increment shows no rate.
final class TypeMetrics<Counters: Sendable>: Sendable {
    private let counters = Mutex<[EventTypeCode: Counters]>([:])

    /// - Parameter make: the counters of a type by its name.
    init(_ catalog: LiveCatalog, make: @escaping @Sendable (String) -> Counters) {
        catalog.observe { [self] catalog in
            counters.withLock { counters in
                for type in catalog.types where counters[type.code] == nil { counters[type.code] = make(type.name) }
            }
        }
    }

    subscript(type: EventTypeCode) -> Counters? { counters.withLock { $0[type] } }
}
