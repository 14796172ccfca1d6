import SheafCore

/// The rows of the store, as a value. Every change returns the previous row, so that it can be undone.
struct MemoryTables: Sendable {
    private(set) var events: [EventID: MemoryEvent] = [:]
    /// The events of each window, live or ended.
    private(set) var members: [WindowID: Set<EventID>] = [:]
    /// Events that have neither a window nor an outcome.
    private(set) var unassigned: Set<EventID> = []
    private(set) var windows: [WindowID: MemoryWindow] = [:]
    /// The windows that take events.
    private var open: [WindowKey: WindowID] = [:]
    var ended: [WindowID: EndedWindow] = [:]
    /// The events by producer id, then by source; erased ones stay known.
    private(set) var producers: [ExactText: [ExactText: EventID]] = [:]
    var notifications: [NotificationID: UserNotification] = [:]
    /// Where to find the events of a notification.
    var subjects: [NotificationID: NotificationSubject] = [:]
    var attempts: [NotificationID: [DeliveryAttempt]] = [:]
    /// Notifications that later ones of their recipient wait for, and those that wait.
    var turns: [NotificationID: MemoryTurn] = [:]
    var notes: [MessageBody: [HistoryNote]] = [:]
    var deadLetters: [DeadLetterID: DeadLetter] = [:]
    var recipients: [RecipientID: RecipientDescription] = [:]
    /// The number of the current revision of declared types.
    var typeRevision = 0
    private var lastNumber: Int64 = 0

    /// A number that was not used before, for a window or a claim.
    mutating func nextNumber() -> Int64 {
        lastNumber += 1
        return lastNumber
    }

    /// - Returns: the previous row.
    @discardableResult
    mutating func set(_ row: MemoryEvent?, for id: EventID) -> MemoryEvent? {
        let old = events[id]
        if let window = old?.window { members[window]?.remove(id) }
        events[id] = row
        if let window = row?.window { members[window, default: []].insert(id) }
        if row?.isUnassigned == true { unassigned.insert(id) } else { unassigned.remove(id) }
        if let window = old?.window, members[window]?.isEmpty == true { members[window] = nil }
        return old
    }

    /// - Returns: the previous row.
    @discardableResult
    mutating func set(_ row: MemoryWindow?, for id: WindowID) -> MemoryWindow? {
        let old = windows[id]
        if let old, open[old.key] == id { open[old.key] = nil }
        windows[id] = row
        if let row, row.isOpen { open[row.key] = id }
        return old
    }

    /// The window of `key` that takes events.
    func openWindow(of key: WindowKey) -> MemoryWindow? { open[key].flatMap { windows[$0] } }

    /// The event with this producer id.
    func event(source: String, producerID: String) -> EventID? {
        producers[ExactText(producerID)]?[ExactText(source)]
    }

    mutating func setProducer(source: String, producerID: String, to event: EventID?) {
        producers[ExactText(producerID), default: [:]][ExactText(source)] = event
    }

    /// The newest event with this producer id.
    func newestEvent(producerID: String) -> MemoryEvent? {
        producers[ExactText(producerID)]?.values.filter { events[$0] != nil }.max().flatMap { events[$0] }
    }

    /// The event with its outcome.
    func stored(_ row: MemoryEvent) -> StoredEvent {
        StoredEvent(
            row.event, window: row.window, outcome: row.outcome.map { ($0.status, $0.reason, $0.at) },
            ended: row.window.flatMap { ended[$0] }.map { ($0.notification, $0.reason, $0.endedAt) })
    }

    /// The recipient's first notification that waits or for which others wait.
    func firstTurn(of recipient: RecipientID) -> (id: NotificationID, turn: MemoryTurn)? {
        turns.lazy.filter { $0.value.recipient == recipient }.min { $0.value.place < $1.value.place }
            .map { (id: $0.key, turn: $0.value) }
    }

    /// The events of the window without an outcome of their own, oldest first.
    func events(in window: WindowID) -> [Event] {
        members[window, default: []].sorted().compactMap { events[$0] }.filter { $0.outcome == nil }.map(\.event)
    }
}

/// An event with its window and its own outcome.
struct MemoryEvent: Sendable {
    struct Outcome: Sendable {
        let status: EventStatus
        let reason: String?
        let at: Timestamp
    }

    let event: Event
    var window: WindowID?
    var outcome: Outcome?

    var isUnassigned: Bool { window == nil && outcome == nil }
}

/// Where to find the events of a notification.
enum NotificationSubject: Sendable {
    case window(WindowID)
    /// The events from which a replay composed it.
    case events([EventID])
}

/// The place of a notification in its recipient's order.
struct MemoryTurn: Sendable {
    let recipient: RecipientID
    /// The notification's own id or, after a redrive, an id made then.
    let place: NotificationID
    var tries: Int
    var waits: Bool
}
