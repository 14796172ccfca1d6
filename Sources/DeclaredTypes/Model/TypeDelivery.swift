public import SheafCore

/// When the events of a declared type are told.
public enum TypeDelivery: Hashable, Sendable {
    /// Each by itself, at once.
    case immediate
    /// Those of one window together.
    case window(WindowPolicy)
    /// Those of a recipient together, at a time of day.
    case scheduled(DeliverySchedule)

    /// What the engine goes by.
    public var policy: DeliveryPolicy {
        switch self {
        case .immediate: .immediate
        case .window(let policy): .debounced(policy)
        case .scheduled(let schedule): .scheduled(schedule)
        }
    }
}

/// How pressing a type's notifications are.
public enum Importance: String, Hashable, Sendable, CaseIterable {
    case low, normal, critical
}
