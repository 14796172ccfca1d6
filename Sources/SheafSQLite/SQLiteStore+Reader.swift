import GRDB
public import SheafCore

extension SQLiteStore {
    public func unassignedEvents(_ ids: [EventID]) async throws -> [Event] {
        guard !ids.isEmpty else { return [] }
        return try await database.look { [sources] connection in
            let query = try PreparedStatement(
                "SELECT \(Event.columns) FROM events WHERE id = ? AND \"window\" IS NULL AND status IS NULL",
                in: connection)
            return try Set(ids).sorted().compactMap { id in
                try query.first(id) { try Event(columns: $0, sources: sources, database: connection) }
            }
        }
    }

    public func event(publicID: String, source: String?) async throws -> StoredEvent? {
        try await database.read { [sources, producerIDs = database.producerIDs] database in
            func event(_ id: EventID) throws -> StoredEvent? {
                try database.first("SELECT \(StoredEvent.columns) FROM \(StoredEvent.source) WHERE e.id = ?", id) {
                    try StoredEvent(columns: $0, sources: sources, database: database)
                }
            }
            if let id = EventID(publicID), let event = try event(id),
                source.map({ $0.utf8.elementsEqual(event.event.source.utf8) }) ?? true
            {
                return event
            }
            let holders = try producerIDs.holders(of: StoredProducerID(publicID), source: source, in: database)
            for id in holders { if let event = try event(id) { return event } }
            return nil
        }
    }

    public func publicIDs(of ids: [EventID]) async throws -> [String] {
        try await database.read { database in
            try ids.compactMap { id in
                try database.first("SELECT producer_id FROM events WHERE id = ?", id) {
                    $0.producerID(0) ?? id.description
                }
            }
        }
    }

    public func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event] {
        let after = cursor ?? EventID(high: 0, low: 0)
        return try await database.read { [sources] database in
            try database.rows(
                """
                SELECT \(Event.columns) FROM events INDEXED BY events_unassigned
                WHERE "window" IS NULL AND status IS NULL AND type = ? AND id > ? AND received_at < ?
                ORDER BY id LIMIT ?
                """,
                type, after, moment, limit
            ) { try Event(columns: $0, sources: sources, database: database) }
        }
    }

    public func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications {
        let after = cursor ?? NotificationID(high: 0, low: 0)
        return try await database.read { database in
            let next: NotificationID? = try database.first(
                "SELECT id FROM notifications WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", after, limit - 1
            ) { $0.identifier(0) }
            let items = try database.rows(
                """
                SELECT id, recipient, ifnull((SELECT tries FROM delivery_turns WHERE notification = n.id), 0)
                FROM notifications n WHERE id > ?1 AND id <= ?2 AND status = 0 AND created_at < ?3
                    AND NOT EXISTS (SELECT 1 FROM attempts WHERE notification = n.id AND at >= ?3)
                    AND NOT EXISTS (SELECT 1 FROM outbox WHERE topic = ?4 AND body = n.id)
                    AND NOT EXISTS (
                        SELECT 1 FROM delivery_turns t JOIN delivery_turns e
                            ON e.recipient = t.recipient AND e.place < t.place
                        WHERE t.notification = n.id AND t.waits)
                ORDER BY id
                """,
                after, next ?? NotificationID(high: .max, low: .max), moment, Topic.notificationSend.number
            ) { columns in
                columns.identifier(0).map {
                    StaleNotifications.Item(id: $0, recipient: columns.integer(1), tries: Int(columns.integer(2)))
                }
            }
            return StaleNotifications(items: items, next: next)
        }
    }

    public func events(_ ids: [EventID]) async throws -> [StoredEvent] {
        try await database.read { [sources] database in
            let query = try PreparedStatement(
                "SELECT \(StoredEvent.columns) FROM \(StoredEvent.source) WHERE e.id = ?", in: database)
            return try Set(ids).sorted().compactMap { id in
                try query.first(id) { try StoredEvent(columns: $0, sources: sources, database: database) }
            }
        }
    }

    public func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> EventPeriodPage {
        // No event has a bound itself for an identifier.
        let (start, until) = (EventID.lowerBound(at: since), EventID.lowerBound(at: until))
        let after = max(start, cursor ?? start)
        return try await database.read { [sources] database in
            let end: EventID? = try database.first(
                "SELECT id FROM events WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", after, until,
                EventPeriodPage.readLimit - 1
            ) { $0.identifier(0) }
            let events = try database.rows(
                """
                SELECT \(StoredEvent.columns) FROM \(StoredEvent.source)
                WHERE e.id > ?1 AND e.id < ?2 AND e.id <= ?3 AND (?4 IS NULL OR e.type = ?4) ORDER BY e.id LIMIT ?5
                """,
                after, until, end ?? until, type, limit + 1
            ) { try StoredEvent(columns: $0, sources: sources, database: database) }
            return EventPeriodPage(events, limit: limit, end: end)
        }
    }

    public func notes(of subjects: [MessageBody]) async throws -> [HistoryNote] {
        try await database.read { database in
            let query = try PreparedStatement(
                "SELECT at, step, reason, notification FROM notes WHERE subject = ? ORDER BY rowid", in: database)
            return try subjects.flatMap { subject in
                try query.rows(subject) { HistoryNote(of: subject, columns: $0) }
            }.sorted { $0.at < $1.at }
        }
    }

    public func notifications(_ ids: [NotificationID]) async throws -> [UserNotification] {
        guard !ids.isEmpty else { return [] }
        return try await database.read { database in
            let query = try PreparedStatement(
                "SELECT \(UserNotification.columns) FROM notifications WHERE id = ?", in: database)
            return try ids.compactMap { try query.first($0, map: UserNotification.init(columns:)) }
        }
    }

    public func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn] {
        guard !ids.isEmpty else { return [] }
        return try await database.readForWork { database in
            let query = try PreparedStatement(
                """
                SELECT \(UserNotification.columns), ifnull(own.place, id), ifnull(own.tries, 0),
                    (SELECT place FROM delivery_turns WHERE recipient = n.recipient ORDER BY place LIMIT 1)
                FROM notifications n LEFT JOIN (SELECT place, tries, notification FROM delivery_turns) own
                    ON own.notification = n.id
                WHERE id = ?
                """, in: database)
            let own = UserNotification.end
            return try ids.compactMap { id in
                try query.first(id) { columns in
                    UserNotification(columns: columns).map { notification in
                        DeliveryTurn(
                            notification: notification, place: columns.identifier(own),
                            tries: Int(columns.integer(own + 1)), first: columns.identifier(own + 2))
                    }
                }
            }
        }
    }

    public func events(in id: NotificationID) async throws -> [EventID] {
        try await database.read { connection in
            let row: (window: WindowID?, events: [EventID])? = try connection.first(
                "SELECT \"window\", events FROM notifications WHERE id = ?", id
            ) { ($0.isNull(0) ? nil : $0.integer(0), $0.identifiers(1)) }
            guard let window = row?.window else { return row?.events ?? [] }
            return try connection.rows(
                "SELECT id FROM events WHERE \"window\" = ? AND status IS NULL ORDER BY id", window
            ) { $0.identifier(0) }
        }
    }

    public func attempts(of id: NotificationID) async throws -> [DeliveryAttempt] {
        try await database.read { database in
            try database.rows(
                """
                SELECT number, at, outcome, http_status, error FROM attempts WHERE notification = ? ORDER BY place
                """,
                id, map: DeliveryAttempt.init(columns:))
        }
    }

    public func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage {
        let before = cursor ?? NotificationID(high: .max, low: .max)
        return try await database.read { database in
            let items = try database.rows(
                """
                SELECT \(UserNotification.columns) FROM notifications
                WHERE recipient = ? AND id < ?\(unreadOnly ? " AND read_at IS NULL" : "") ORDER BY id DESC LIMIT ?
                """,
                recipient, before, limit + 1, map: UserNotification.init(columns:))
            let unread = try database.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM notifications WHERE recipient = ? AND read_at IS NULL LIMIT ?)
                """, recipient, FeedPage.unreadLimit
            ) { Int($0.integer(0)) }
            let page = Array(items.prefix(limit))
            return FeedPage(items: page, next: items.count > limit ? page.last?.id : nil, unread: unread ?? 0)
        }
    }

    public func newestNotifications(limit: Int) async throws -> [UserNotification] {
        try await database.read { database in
            try database.rows(
                "SELECT \(UserNotification.columns) FROM notifications ORDER BY id DESC LIMIT ?", limit,
                map: UserNotification.init(columns:))
        }
    }

    public func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID] {
        try await database.read { database in
            try database.rows(
                "SELECT id FROM notifications WHERE id > ? ORDER BY id DESC LIMIT ?", bound, limit
            ) { $0.identifier(0) }
        }
    }

    public func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter] {
        let before = cursor ?? DeadLetterID(high: .max, low: .max)
        return try await database.read { database in
            try database.rows(
                "SELECT \(DeadLetter.columns) FROM dead_letters WHERE id < ? ORDER BY id DESC LIMIT ?", before, limit,
                map: DeadLetter.init(columns:))
        }
    }
}
