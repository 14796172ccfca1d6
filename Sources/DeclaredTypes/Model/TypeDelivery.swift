public import SheafCore

/// When the events of a declared type are notified.
public enum TypeDelivery: Hashable, Sendable {
    /// Each event alone, at once.
    case immediate
    /// The events of one window together.
    case window(WindowPolicy)
    /// The events of a recipient together, at a time of day.
    case scheduled(DeliverySchedule)

    /// The policy as the engine uses it.
    public var policy: DeliveryPolicy {
        switch self {
        case .immediate: .immediate
        case .window(let policy): .debounced(policy)
        case .scheduled(let schedule): .scheduled(schedule)
        }
    }
}

/// How urgent a type's notifications are.
public enum Importance: String, Hashable, Sendable, CaseIterable {
    case low, normal, critical
}
