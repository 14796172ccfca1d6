public import SheafCore
import Synchronization

extension MemoryStore {
    public func unassignedEvents(_ ids: [EventID]) async throws -> [Event] {
        tables.withLock { tables in
            Set(ids).filter(tables.unassigned.contains).sorted().compactMap { tables.events[$0]?.event }
        }
    }

    public func event(publicID: String, source: String?) async throws -> StoredEvent? {
        tables.withLock { tables in
            if let event = EventID(publicID).flatMap({ tables.events[$0] }), event.event.comes(from: source) {
                return tables.stored(event)
            }
            let found =
                if let source { tables.event(source: source, producerID: publicID).flatMap { tables.events[$0] } } else
                {
                    tables.newestEvent(producerID: publicID)
                }
            return found.map { tables.stored($0) }
        }
    }

    public func publicIDs(of ids: [EventID]) async throws -> [String] {
        tables.withLock { tables in ids.compactMap { tables.events[$0]?.event.publicID } }
    }

    public func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event] {
        tables.withLock { tables in
            let stale = tables.unassigned.compactMap { tables.events[$0]?.event }.filter { event in
                event.type == type && event.receivedAt < moment && cursor.map { $0 < event.id } ?? true
            }
            return Array(stale.sorted { $0.id < $1.id }.prefix(limit))
        }
    }

    public func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications {
        tables.withLock { tables in
            let rest = tables.notifications.values.filter { notification in cursor.map { $0 < notification.id } ?? true
            }
            let page = rest.sorted { $0.id < $1.id }.prefix(limit)
            let waiting = outbox[.notificationSend].read { log in Set(log.entries.values.map(\.message.body)) }
            let stale = page.filter { notification in
                notification.status == .pending && notification.createdAt < moment
                    && tables.attempts[notification.id, default: []].allSatisfy { $0.at < moment }
                    && !waiting.contains(.notification(notification.id))
                    && !(tables.turns[notification.id]?.waits == true
                        && tables.firstTurn(of: notification.recipient)?.id != notification.id)
            }
            return StaleNotifications(
                items: stale.map {
                    StaleNotifications.Item(
                        id: $0.id, recipient: $0.recipient, tries: tables.turns[$0.id]?.tries ?? 0)
                },
                next: rest.count > limit ? page.last?.id : nil)
        }
    }

    public func events(_ ids: [EventID]) async throws -> [StoredEvent] {
        tables.withLock { tables in Set(ids).sorted().compactMap { tables.events[$0] }.map { tables.stored($0) } }
    }

    public func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> EventPeriodPage {
        let (start, end) = (EventID.lowerBound(at: since), EventID.lowerBound(at: until))
        return tables.withLock { tables in
            let found = tables.events.values.filter { row in
                let id = row.event.id
                return id >= start && id < end && cursor.map { $0 < id } ?? true
                    && type.map { $0 == row.event.type } ?? true
            }
            let events = found.sorted { $0.event.id < $1.event.id }.prefix(limit + 1).map { tables.stored($0) }
            return EventPeriodPage(events, limit: limit, end: nil)
        }
    }

    public func notes(of subjects: [MessageBody]) async throws -> [HistoryNote] {
        tables.withLock { tables in subjects.flatMap { tables.notes[$0] ?? [] }.sorted { $0.at < $1.at } }
    }

    public func notifications(_ ids: [NotificationID]) async throws -> [UserNotification] {
        tables.withLock { tables in ids.compactMap { tables.notifications[$0] } }
    }

    public func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn] {
        tables.withLock { tables in
            ids.compactMap { id in
                guard let notification = tables.notifications[id] else { return nil }
                let turn = tables.turns[id]
                return DeliveryTurn(
                    notification: notification, place: turn?.place, tries: turn?.tries ?? 0,
                    first: tables.firstTurn(of: notification.recipient)?.turn.place)
            }
        }
    }

    public func outlook(of event: Event) async throws -> EventOutlook {
        tables.withLock { tables in
            let holder = event.producerID.flatMap { tables.event(source: event.source, producerID: $0) }
            return EventOutlook(
                isKnown: holder != nil,
                openWindow: tables.openWindow(of: event.windowKey)?.view)
        }
    }

    public func liveWindow(_ id: WindowID) async throws -> LiveWindow? {
        tables.withLock { $0.windows[id]?.view }
    }

    public func endedWindow(_ id: WindowID) async throws -> EndedWindow? {
        tables.withLock { $0.ended[id] }
    }

    public func events(in id: NotificationID) async throws -> [EventID] {
        tables.withLock { tables in
            switch tables.subjects[id] {
            case .window(let window): tables.events(in: window).map(\.id)
            case .events(let ids): ids
            case nil: []
            }
        }
    }

    public func attempts(of id: NotificationID) async throws -> [DeliveryAttempt] {
        tables.withLock { $0.attempts[id] ?? [] }
    }

    public func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage {
        let own = tables.withLock { $0.notifications.values.filter { $0.recipient == recipient } }
        let unread = own.filter { $0.readAt == nil }
        let page = (unreadOnly ? unread : own).filter { notification in cursor.map { notification.id < $0 } ?? true }
            .sorted { $0.id > $1.id }
        let items = Array(page.prefix(limit))
        return FeedPage(
            items: items, next: page.count > limit ? items.last?.id : nil,
            unread: min(unread.count, FeedPage.unreadLimit))
    }

    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        tables.withLock { tables in
            let own = tables.events.values.filter { row in
                row.event.recipient == recipient && cursor.map { row.event.id < $0 } ?? true
            }
            let page = own.sorted { $0.event.id > $1.event.id }.prefix(limit)
            let items = page.map { tables.recipientEvent($0) }
            return RecipientEventPage(items: items, next: own.count > limit ? page.last?.event.id : nil)
        }
    }

    public func newestNotifications(limit: Int) async throws -> [UserNotification] {
        let all = tables.withLock { Array($0.notifications.values) }
        return Array(all.sorted { $0.id > $1.id }.prefix(limit))
    }

    public func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID] {
        let ids = tables.withLock { tables in tables.notifications.keys.filter { $0 > bound } }
        return Array(ids.sorted(by: >).prefix(limit))
    }

    public func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter] {
        let letters = tables.withLock { tables in
            tables.deadLetters.values.filter { letter in cursor.map { letter.id < $0 } ?? true }
        }
        return Array(letters.sorted { $0.id > $1.id }.prefix(limit))
    }

    public func statistics() async throws -> StoreStatistics {
        let now = clock.now
        return tables.withLock { tables in
            let topics = Topic.allCases.map { topic in
                outbox[topic].read { log in
                    (
                        topic: topic, count: log.backlog(at: now), oldest: log.oldest(at: now),
                        furthest: log.entries.values.map(\.dueAt).max()
                    )
                }
            }
            let filled = tables.windows.values.filter { $0.state.events > 0 }
            let due = filled.map(\.workDueAt).filter { $0 <= now }
            let waiting = tables.unassigned.compactMap { tables.events[$0]?.event.receivedAt }
            return StoreStatistics(
                backlog: Dictionary(uniqueKeysWithValues: topics.map { ($0.topic, $0.count) }),
                oldestMessageAt: topics.compactMap(\.oldest).min(),
                newEvents: filled.reduce(waiting.count) { $0 + $1.state.events },
                oldestDueAt: (due + waiting).min(),
                dueEvents: tables.windows.values.filter { $0.due <= now }.reduce(0) { $0 + $1.state.events },
                pendingNotifications: tables.notifications.values.count { $0.status == .pending },
                deadLetters: tables.deadLetters.count,
                furthestDueAt: (tables.windows.values.map(\.due) + topics.compactMap(\.furthest)).max())
        }
    }
}

extension MemoryTables {
    /// The event with the status of its notification.
    fileprivate func recipientEvent(_ row: MemoryEvent) -> RecipientEvent {
        let stored = stored(row)
        let live = row.window.flatMap { self.windows[$0] }.flatMap { $0.isAlone ? nil : $0.view }
        let past = row.window.flatMap { self.ended[$0] }.flatMap { $0.isAlone ? nil : $0.span.key }
        return RecipientEvent(
            stored, window: live?.key ?? past, closesAt: live?.closesAt,
            delivery: stored.notificationID.flatMap { notifications[$0]?.status })
    }
}

extension Event {
    /// Whether its source is `source`, compared by bytes; `nil` matches any.
    fileprivate func comes(from source: String?) -> Bool {
        source.map { ExactText($0) == ExactText(self.source) } ?? true
    }
}
