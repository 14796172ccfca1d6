import SheafCore
import Synchronization

/// What is counted by type. Each type has its counters from when it appears: what appears with its first count has no
/// rise to be seen.
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
