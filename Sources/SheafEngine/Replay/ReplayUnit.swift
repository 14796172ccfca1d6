import SheafCore

/// Events that a replay composes together: a window as it would have been, or one event that is spoken of at once.
struct ReplayUnit: Equatable, Sendable {
    let type: EventTypeCode
    let recipient: RecipientID
    /// `nil` for an event that is spoken of at once.
    let window: ClosedWindow?
    /// In the order they were accepted.
    var events: [ReplayEvent]

    /// What had bound its events, each once, in the order of the events.
    var bindings: [NotificationID] {
        var seen: Set<NotificationID> = []
        return events.compactMap(\.binding).filter { seen.insert($0).inserted }
    }
}

/// What a replay keeps of an event until it is composed.
struct ReplayEvent: Hashable, Sendable {
    let id: EventID
    /// What ended it.
    let binding: NotificationID?
    /// Whether it was spoken of.
    let wasNotified: Bool

    init(id: EventID, binding: NotificationID?, wasNotified: Bool = true) {
        self.id = id
        self.binding = binding
        self.wasNotified = wasNotified
    }

    init(_ event: StoredEvent) {
        self.init(id: event.event.id, binding: event.binding, wasNotified: event.notificationID != nil)
    }
}
