/// Queries to the store. None of them waits for a writer.
public protocol StoreReader: Sendable {
    /// The events among `ids` that have neither a window nor an outcome yet, oldest first.
    func unassignedEvents(_ ids: [EventID]) async throws -> [Event]

    /// The event with this id: Sheaf's own, or else its producer's; the newest if several sources share it.
    /// - Parameter source: the source it came from; `nil` for any.
    func event(publicID: String, source: String?) async throws -> StoredEvent?

    /// The ids that clients use for these events, in the given order; events that no longer exist are left out.
    func publicIDs(of ids: [EventID]) async throws -> [String]

    /// Events of `type` received before `moment` that have neither a window nor an outcome, oldest first, after
    /// `cursor`.
    func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event]

    /// Examines notifications, oldest first after `cursor`, for those that are `pending`, were composed and last
    /// attempted before `moment`, and have no message in the outbox.
    ///
    /// - Parameter limit: how many notifications to examine, of any status, so that no query takes long.
    func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications

    /// These events with their outcomes, oldest first.
    func events(_ ids: [EventID]) async throws -> [StoredEvent]

    /// Events accepted since one moment and before another, oldest first, after `cursor`.
    ///
    /// At most ``EventPeriodPage/readLimit`` events are read, so that a page may have few events or none.
    ///
    /// - Parameter type: the type; `nil` for all.
    func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> EventPeriodPage

    /// The notes of these events and notifications, oldest first.
    func notes(of subjects: [MessageBody]) async throws -> [HistoryNote]

    func notifications(_ ids: [NotificationID]) async throws -> [UserNotification]

    /// The turns of notifications that are to be sent; those that do not exist are left out.
    func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn]

    /// What the event would meet with if it was accepted now. Nothing is changed.
    func outlook(of event: Event) async throws -> EventOutlook

    /// The window, if it has not ended.
    func liveWindow(_ id: WindowID) async throws -> LiveWindow?

    /// The window, if it has ended and is still stored.
    func endedWindow(_ id: WindowID) async throws -> EndedWindow?

    /// The events that the notification covers, in the order in which they were accepted.
    func events(in id: NotificationID) async throws -> [EventID]

    /// The recorded attempts at delivering a notification, oldest first.
    func attempts(of id: NotificationID) async throws -> [DeliveryAttempt]

    /// A recipient's notifications, newest first.
    /// - Parameter cursor: the last notification of the previous page.
    func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage

    /// A recipient's events with their outcomes, newest first.
    ///
    /// Found by the recipient's windows, and among the events that are dead or have no window yet. A page takes the same
    /// time however many windows have ended. So if some of them have fewer events than they had, one that has a `next` may
    /// be short or empty.
    ///
    /// - Parameter cursor: the `next` of the previous page; only older events follow.
    func events(of recipient: RecipientID, after cursor: EventID?, limit: Int) async throws -> RecipientEventPage

    /// The newest notifications of all recipients, newest first.
    func newestNotifications(limit: Int) async throws -> [UserNotification]

    /// The ids of the newest notifications of all recipients, newest first, down to but not including `bound`.
    func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID]

    /// Dead letters, newest first, after `cursor`.
    func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter]

    func statistics() async throws -> StoreStatistics
}

extension StoreReader {
    /// The event with this id from any source: Sheaf's own id, or else the newest with this producer id.
    public func event(publicID: String) async throws -> StoredEvent? {
        try await event(publicID: publicID, source: nil)
    }
}

/// What would happen to an event that is not accepted yet.
public struct EventOutlook: Hashable, Sendable {
    /// Whether its source already sent this producer id.
    public let isKnown: Bool
    /// The store's window of its key to which events were last added; it may be due, and then takes no more events.
    public let openWindow: LiveWindow?

    public init(isKnown: Bool, openWindow: LiveWindow?) {
        self.isKnown = isKnown
        self.openWindow = openWindow
    }
}

/// The result of examining a part of all notifications.
public struct StaleNotifications: Hashable, Sendable {
    public struct Item: Hashable, Sendable {
        public let id: NotificationID
        public let recipient: RecipientID
        /// The same as ``DeliveryTurn/tries``.
        public let tries: Int

        public init(id: NotificationID, recipient: RecipientID, tries: Int) {
            self.id = id
            self.recipient = recipient
            self.tries = tries
        }
    }

    public let items: [Item]
    /// The cursor to continue from; `nil` if all were examined.
    public let next: NotificationID?

    public init(items: [Item], next: NotificationID?) {
        self.items = items
        self.next = next
    }
}

/// A page of the events of a period.
public struct EventPeriodPage: Hashable, Sendable {
    public let events: [StoredEvent]
    /// The cursor of the next page; `nil` on the last.
    public let next: EventID?

    /// How many events a page reads at most, of whatever type.
    public static let readLimit = 10_000

    public init(events: [StoredEvent], next: EventID?) {
        self.events = events
        self.next = next
    }

    /// - Parameters:
    ///   - events: the events found, one more than `limit` if there are as many.
    ///   - end: the last event that was read; `nil` if the period has no other.
    public init(_ events: [StoredEvent], limit: Int, end: EventID?) {
        let page = Array(events.prefix(limit))
        self.init(events: page, next: events.count > limit ? page.last?.event.id : end)
    }
}

/// A page of a recipient's notifications.
public struct FeedPage: Hashable, Sendable {
    public let items: [UserNotification]
    /// The cursor of the next page; `nil` on the last.
    public let next: NotificationID?
    /// How many of the recipient's notifications are unread, counted up to ``unreadLimit``.
    public let unread: Int

    /// How many notifications that were not read are counted at most.
    public static let unreadLimit = 10_000

    public init(items: [UserNotification], next: NotificationID?, unread: Int) {
        self.items = items
        self.next = next
        self.unread = unread
    }
}

/// Statistics of the store's pending work.
public struct StoreStatistics: Hashable, Sendable {
    /// Messages in the outbox that are due, by topic: as ``DueEstimate`` says, with as many in all as notifications are
    /// pending, or as events have no window.
    public let backlog: [Topic: Int]
    /// When the oldest message that is due was written.
    public let oldestMessageAt: Timestamp?
    /// Events that are `new`, in windows and without one.
    public let newEvents: Int
    /// The earliest due time of an event that should have ended by now. An event without a window is due when it was
    /// received; a window that waits for a service, when it closed.
    public let oldestDueAt: Timestamp?
    /// Events of windows that are due, as ``DueEstimate`` says.
    public let dueEvents: Int
    /// Notifications that are neither delivered nor failed, including those that wait for a retry.
    public let pendingNotifications: Int
    public let deadLetters: Int
    /// The latest known due time of a window or message.
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
