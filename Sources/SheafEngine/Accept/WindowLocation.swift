import SheafCore

/// Where windows live.
public enum WindowLocation: Hashable, Sendable {
    /// In the store: an event joins its window in the transaction that accepts it.
    case store
    /// Outside the store: a message relays the event to its window.
    case relayed

    /// How an event of a type with this delivery policy is admitted here.
    func admission(of event: EventClassification, _ delivery: DeliveryPolicy) -> Admission {
        event.suppression.map { .ended(reason: $0) } ?? admission(of: delivery)
    }

    /// How an event of a type with this delivery policy is admitted.
    func admission(of delivery: DeliveryPolicy) -> Admission {
        switch (self, delivery) {
        // Windows for a time of day live in the store in every mode, since the store knows the recipient's zone.
        case (_, .scheduled(let schedule)): .scheduled(schedule)
        case (.relayed, _): .relayed
        case (.store, .immediate): .alone
        case (.store, .debounced(let policy)): .window(policy)
        }
    }
}
