/// Questions to the store. None of them waits for a writer.
public protocol StoreReader: Sendable {
    /// The events among `ids` that have neither a window nor an outcome yet, oldest first.
    func unassignedEvents(_ ids: [EventID]) async throws -> [Event]

    /// The event with this identifier: Sheaf's own, or else its producer's; the newest where sources share it.
    /// - Parameter source: the source it came from; `nil` for any.
    func event(publicID: String, source: String?) async throws -> StoredEvent?

    /// What clients call these events, in the order given; those that are gone are left out.
    func publicIDs(of ids: [EventID]) async throws -> [String]

    /// Events of `type` that have neither a window nor an outcome though they were received before `moment`, oldest
    /// first, after `cursor`.
    func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event]

    /// Looks through notifications, oldest first after `cursor`, for those that are `pending` though they were composed,
    /// and last tried, before `moment`, and though no message of the outbox speaks of them.
    ///
    /// - Parameter limit: how many to look through, whatever became of them, so that no question takes long.
    func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications

    /// These events, whatever became of them, oldest first.
    func events(_ ids: [EventID]) async throws -> [StoredEvent]

    /// Events accepted since one moment and before another, oldest first, after `cursor`.
    /// - Parameter type: of which type; `nil` for all.
    func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> [StoredEvent]

    /// What was noted of these events and notifications, oldest first.
    func notes(of subjects: [MessageBody]) async throws -> [HistoryNote]

    func notifications(_ ids: [NotificationID]) async throws -> [UserNotification]

    /// Notifications that are to be sent, with whether it is their turn; what does not exist is left out.
    func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn]

    /// What the event would meet with if it was accepted now. Nothing is changed.
    /// - Parameter key: that of the window that it would join.
    func outlook(of event: Event, in key: WindowKey) async throws -> EventOutlook

    /// The window, if it has not ended.
    func liveWindow(_ id: WindowID) async throws -> OpenWindow?

    /// The window, if it has ended and is still stored.
    func endedWindow(_ id: WindowID) async throws -> EndedWindow?

    /// The events that the notification is about, in the order they were accepted.
    func events(toldBy id: NotificationID) async throws -> [EventID]

    /// The recorded attempts at delivering a notification, oldest first.
    func attempts(of id: NotificationID) async throws -> [DeliveryAttempt]

    /// A recipient's notifications, newest first.
    /// - Parameter cursor: the last notification of the page before.
    func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage

    /// A recipient's events, whatever became of them, newest first.
    ///
    /// They are found by the recipient's windows, and among the events that are dead or have no window yet.
    ///
    /// - Parameter cursor: the last event of the page before.
    func events(of recipient: RecipientID, after cursor: EventID?, limit: Int) async throws -> RecipientEventPage

    /// The newest notifications of all recipients, newest first.
    func newestNotifications(limit: Int) async throws -> [UserNotification]

    /// The identifiers of the newest notifications of all recipients, newest first, as far as they are above `bound`.
    func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID]

    /// Dead letters, newest first, after `cursor`.
    func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter]

    func statistics() async throws -> StoreStatistics
}

extension StoreReader {
    /// The event with this identifier, from whichever source: Sheaf's own, or else its producer's, the newest.
    public func event(publicID: String) async throws -> StoredEvent? {
        try await event(publicID: publicID, source: nil)
    }
}

/// What an event would meet with that is not accepted yet.
public struct EventOutlook: Hashable, Sendable {
    /// Whether its source sent its producer's identifier before.
    public let isKnown: Bool
    /// The window of the store that takes events of its key; also one that is due, which takes none any more.
    public let openWindow: OpenWindow?

    public init(isKnown: Bool, openWindow: OpenWindow?) {
        self.isKnown = isKnown
        self.openWindow = openWindow
    }
}

/// What was found in a part of all notifications.
public struct StaleNotifications: Hashable, Sendable {
    public struct Item: Hashable, Sendable {
        public let id: NotificationID
        public let recipient: RecipientID
        /// As ``DeliveryTurn/tries``.
        public let tries: Int

        public init(id: NotificationID, recipient: RecipientID, tries: Int) {
            self.id = id
            self.recipient = recipient
            self.tries = tries
        }
    }

    public let items: [Item]
    /// The cursor to go on with; `nil` if all were looked through.
    public let next: NotificationID?

    public init(items: [Item], next: NotificationID?) {
        self.items = items
        self.next = next
    }
}

/// A page of a recipient's notifications.
public struct FeedPage: Hashable, Sendable {
    public let items: [UserNotification]
    /// The cursor of the next page; `nil` on the last.
    public let next: NotificationID?
    /// All of the recipient's notifications that were not read.
    public let unread: Int

    public init(items: [UserNotification], next: NotificationID?, unread: Int) {
        self.items = items
        self.next = next
        self.unread = unread
    }
}

/// What the store has to do, counted.
public struct StoreStatistics: Hashable, Sendable {
    /// Messages in the outbox that are due, by topic.
    public let backlog: [Topic: Int]
    /// When the oldest message that is due was written.
    public let oldestMessageAt: Timestamp?
    /// Events that are `new`, in windows and without one.
    public let newEvents: Int
    /// When the oldest of them was due that should have ended by now: an event without a window when it was received,
    /// a window that waits for a service when it closed.
    public let oldestDueAt: Timestamp?
    /// Events of windows that are due.
    public let dueEvents: Int
    /// Notifications that are neither delivered nor failed, also those that wait for another attempt.
    public let pendingNotifications: Int
    public let deadLetters: Int
    /// When the last window or message is due that is known to be.
    public let furthestDueAt: Timestamp?

    public init(
        backlog: [Topic: Int], oldestMessageAt: Timestamp?, newEvents: Int, oldestDueAt: Timestamp?,
        dueEvents: Int = 0, pendingNotifications: Int = 0, deadLetters: Int, furthestDueAt: Timestamp? = nil
    ) {
        self.dueEvents = dueEvents
        self.backlog = backlog
        self.oldestMessageAt = oldestMessageAt
        self.newEvents = newEvents
        self.oldestDueAt = oldestDueAt
        self.pendingNotifications = pendingNotifications
        self.deadLetters = deadLetters
        self.furthestDueAt = furthestDueAt
    }
}
