import SheafCore

/// Where windows live.
public enum WindowPlace: Hashable, Sendable {
    /// In the store: an event joins its window in the transaction that accepts it.
    case store
    /// Outside it: an event is relayed to its window by a message.
    case relayed

    /// How an event at `place` is admitted if its type has this delivery.
    func admission(of place: EventPlace, _ delivery: DeliveryPolicy) -> Admission {
        place.suppression.map { .ended(reason: $0) } ?? admission(of: delivery)
    }

    /// How an event of a type with this delivery is admitted.
    func admission(of delivery: DeliveryPolicy) -> Admission {
        switch (self, delivery) {
        // A time of day is of the store's windows in every mode: they know the recipient's zone.
        case (_, .scheduled(let schedule)): .scheduled(schedule)
        case (.relayed, _): .relayed
        case (.store, .immediate): .alone
        case (.store, .debounced(let policy)): .window(policy)
        }
    }
}
