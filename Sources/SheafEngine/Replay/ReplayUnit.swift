import SheafCore

/// Events that a replay composes together: a window as it would have been, or one event that is notified at once.
struct ReplayUnit: Equatable, Sendable {
    let type: EventTypeCode
    let recipient: RecipientID
    /// `nil` for an event that is notified at once.
    let window: WindowSpan?
    /// In the order in which they were accepted.
    var events: [ReplayEvent]

    /// The windows its events had, each once, in the order of the events.
    var formerWindows: [WindowID] {
        var seen: Set<WindowID> = []
        return events.compactMap(\.window).filter { seen.insert($0).inserted }
    }
}

/// What a replay remembers of an event until it is composed.
struct ReplayEvent: Hashable, Sendable {
    let id: EventID
    /// The window it had.
    let window: WindowID?
    /// The size of its payload in bytes.
    let bytes: Int
    /// Whether the event was in a notification.
    let wasNotified: Bool

    init(id: EventID, window: WindowID?, bytes: Int = 0, wasNotified: Bool = true) {
        self.id = id
        self.bytes = bytes
        self.window = window
        self.wasNotified = wasNotified
    }

    init(_ event: StoredEvent) {
        self.init(
            id: event.event.id, window: event.window, bytes: event.event.payloadBytes,
            wasNotified: event.notificationID != nil)
    }
}
