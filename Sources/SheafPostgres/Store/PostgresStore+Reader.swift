public import SheafCore

extension PostgresStore {
    public func unassignedEvents(_ ids: [EventID]) async throws -> [Event] {
        guard !ids.isEmpty else { return [] }
        let range = EventRange(ids)
        return try await database.run(
            """
            SELECT \(sql: Event.columns) FROM unnest(\(Array(Set(ids)))) AS i (id)
            -- By the identifier alone, or the index of those without a window is read for each.
            CROSS JOIN LATERAL (
                SELECT * FROM events WHERE id = i.id AND id BETWEEN \(range.first) AND \(range.last) OFFSET 0) e
            JOIN sources s ON s.id = e.source
            WHERE e."window" IS NULL AND e.status IS NULL ORDER BY e.id
            """
        ) { try $0.map { try Event($0) } }
    }

    public func event(publicID: String, source: String?) async throws -> StoredEvent? {
        if let id = EventID(publicID) {
            let event = try await database.run(
                """
                SELECT \(sql: StoredEvent.columns) FROM \(sql: StoredEvent.tables)
                WHERE e.id = \(id) AND (\(source) IS NULL OR s.name = \(source))
                """
            ) { try $0.first.map { try StoredEvent($0) } }
            if let event { return event }
        }
        return try await database.run(
            """
            SELECT \(sql: StoredEvent.columns) FROM producer_ids p, \(sql: StoredEvent.tables)
            WHERE e.id = p.event AND p.producer_id = \(StoredProducerID(publicID))
                AND (\(source) IS NULL OR s.name = \(source))
            ORDER BY e.id DESC LIMIT 1
            """
        ) { try $0.first.map { try StoredEvent($0) } }
    }

    public func publicIDs(of ids: [EventID]) async throws -> [String] {
        guard !ids.isEmpty else { return [] }
        let names = try await database.run("SELECT id, producer_id FROM events WHERE id = ANY(\(ids))") { rows in
            var names: [EventID: String] = [:]
            for row in rows {
                let id = try row.identifier(0, of: Event.self)
                names[id] = try row.optionalText(1) ?? id.description
            }
            return names
        }
        return ids.compactMap { names[$0] }
    }

    public func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event] {
        let after = cursor ?? EventID(high: 0, low: 0)
        return try await database.run(
            """
            SELECT \(sql: Event.columns) FROM events e JOIN sources s ON s.id = e.source
            WHERE e."window" IS NULL AND e.status IS NULL AND e.type = \(type) AND e.id > \(after) AND e.received_at < \(moment)
            ORDER BY e.id LIMIT \(limit)
            """
        ) { try $0.map { try Event($0) } }
    }

    public func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications {
        let after = cursor ?? NotificationID(high: 0, low: 0)
        return try await database.access { session in
            let last = try session.rows(
                "SELECT id FROM notifications WHERE id > \(after) ORDER BY id LIMIT 1 OFFSET \(limit - 1)")
            let next: NotificationID? = try last.first.map { try $0.identifier(0) }
            // Where none is found, which is usual, the outbox is not read.
            let found = try session.rows(
                """
                WITH old AS MATERIALIZED (
                    SELECT id, recipient, coalesce(t.tries, 0) AS tries FROM notifications n
                    LEFT JOIN LATERAL (SELECT * FROM delivery_turns WHERE notification = n.id) t USING (recipient)
                    WHERE id > \(after) AND id <= \(next ?? NotificationID(high: .max, low: .max))
                        AND status = 0 AND created_at < \(moment)
                        AND NOT EXISTS (SELECT FROM attempts a WHERE a.notification = n.id AND a.at >= \(moment))
                        AND NOT (coalesce(t.waits, false) AND EXISTS (
                            SELECT FROM delivery_turns e WHERE e.recipient = n.recipient AND e.place < t.place))
                )
                SELECT id, recipient, tries FROM old
                WHERE NOT EXISTS (
                    SELECT FROM outbox o WHERE o.topic = \(Topic.notificationSend.number) AND o.body = old.id)
                ORDER BY id
                """)
            return StaleNotifications(
                items: try found.map {
                    StaleNotifications.Item(
                        id: try $0.identifier(0), recipient: try $0.integer(1), tries: Int(try $0.integer(2)))
                }, next: next)
        }
    }

    public func events(_ ids: [EventID]) async throws -> [StoredEvent] {
        guard !ids.isEmpty else { return [] }
        return try await database.run(
            """
            SELECT \(sql: StoredEvent.columns) FROM \(sql: StoredEvent.tables) WHERE e.id = ANY(\(ids)) ORDER BY e.id
            """
        ) { try $0.map { try StoredEvent($0) } }
    }

    public func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> EventPeriodPage {
        // No event has a bound itself for an identifier.
        let (start, until) = (EventID.lowerBound(at: since), EventID.lowerBound(at: until))
        let after = max(start, cursor ?? start)
        return try await database.access { session in
            let end =
                try session.rows(
                    """
                    SELECT id FROM events WHERE id > \(after) AND id < \(until)
                    ORDER BY id LIMIT 1 OFFSET \(EventPeriodPage.readLimit - 1)
                    """
                ).first?.identifier(0) as EventID?
            let rows = try session.rows(
                """
                SELECT \(sql: StoredEvent.columns) FROM \(sql: StoredEvent.tables)
                WHERE e.id > \(after) AND e.id < \(until) AND e.id <= \(end ?? until)
                    AND (\(type) IS NULL OR e.type = \(type)) ORDER BY e.id LIMIT \(limit + 1)
                """)
            return EventPeriodPage(try rows.map { try StoredEvent($0) }, limit: limit, end: end)
        }
    }

    public func notes(of subjects: [MessageBody]) async throws -> [HistoryNote] {
        guard !subjects.isEmpty else { return [] }
        return try await database.run(
            """
            SELECT s.place, n.at, n.step, n.reason, n.notification
            FROM unnest(\(subjects)) WITH ORDINALITY AS s (id, place) JOIN notes n ON n.subject = s.id
            ORDER BY n.at, s.place
            """
        ) { rows in
            try rows.map { try HistoryNote(of: subjects[Int(try $0.integer(0)) - 1], $0) }
        }
    }

    public func notifications(_ ids: [NotificationID]) async throws -> [UserNotification] {
        guard !ids.isEmpty else { return [] }
        let found = try await database.run(
            "SELECT \(sql: UserNotification.columns) FROM notifications WHERE id = ANY(\(ids))"
        ) { rows in
            var found: [NotificationID: UserNotification] = [:]
            for row in rows {
                let notification = try UserNotification(row)
                found[notification.id] = notification
            }
            return found
        }
        return ids.compactMap { found[$0] }
    }

    public func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn] {
        guard !ids.isEmpty else { return [] }
        let own = UserNotification.end
        return try await database.run(
            """
            SELECT \(sql: UserNotification.columns), coalesce(t.place, id), coalesce(t.tries, 0),
                (SELECT place FROM delivery_turns e WHERE e.recipient = n.recipient ORDER BY place LIMIT 1)
            FROM (SELECT * FROM notifications WHERE id = ANY(\(ids))) n
            LEFT JOIN LATERAL (SELECT tries, place FROM delivery_turns WHERE notification = n.id) t ON true
            """
        ) { rows in
            try rows.map { row in
                DeliveryTurn(
                    notification: try UserNotification(row), place: try row.identifier(own),
                    tries: Int(try row.integer(own + 1)), first: try row.optionalIdentifier(own + 2))
            }
        }
    }

    public func events(in id: NotificationID) async throws -> [EventID] {
        try await database.run(
            """
            SELECT CASE WHEN n."window" IS NULL THEN n.events ELSE ARRAY(
                SELECT e.id FROM ended_windows w CROSS JOIN LATERAL (
                    SELECT id FROM events WHERE "window" = w.id AND id BETWEEN w.first_event AND w.last_event
                        AND status IS NULL OFFSET 0) e
                WHERE w.id = n."window" ORDER BY e.id) END
            FROM notifications n WHERE n.id = \(id)
            """
        ) { rows in try rows.first.flatMap { $0.isNull(0) ? nil : try $0.identifiers(0) } ?? [] }
    }

    public func attempts(of id: NotificationID) async throws -> [DeliveryAttempt] {
        try await database.run(
            "SELECT \(sql: DeliveryAttempt.columns) FROM attempts WHERE notification = \(id) ORDER BY place"
        ) { try $0.map { try DeliveryAttempt($0) } }
    }

    public func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage {
        let before = cursor ?? NotificationID(high: .max, low: .max)
        let unread: StaticString = unreadOnly ? "AND read_at IS NULL" : ""
        let (items, count) = try await database.access { session in
            let answers = try session.exchange([
                """
                SELECT \(sql: UserNotification.columns) FROM notifications
                WHERE recipient = \(recipient) AND id < \(before) \(sql: unread) ORDER BY id DESC LIMIT \(limit + 1)
                """,
                """
                SELECT count(*) FROM (
                    SELECT FROM notifications WHERE recipient = \(recipient) AND read_at IS NULL
                    LIMIT \(FeedPage.unreadLimit)) unread
                """,
            ])
            return (try answers[0].map { try UserNotification($0) }, Int(try answers[1][0].integer(0)))
        }
        let page = Array(items.prefix(limit))
        return FeedPage(items: page, next: items.count > limit ? page.last?.id : nil, unread: count)
    }

    public func newestNotifications(limit: Int) async throws -> [UserNotification] {
        try await database.run(
            "SELECT \(sql: UserNotification.columns) FROM notifications ORDER BY id DESC LIMIT \(limit)"
        ) { try $0.map { try UserNotification($0) } }
    }

    public func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID] {
        try await database.run(
            "SELECT id FROM notifications WHERE id > \(bound) ORDER BY id DESC LIMIT \(limit)"
        ) { try $0.map { try $0.identifier(0) } }
    }

    public func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter] {
        let before = cursor ?? DeadLetterID(high: .max, low: .max)
        return try await database.run(
            """
            SELECT \(sql: DeadLetter.columns) FROM dead_letters WHERE id < \(before) ORDER BY id DESC LIMIT \(limit)
            """
        ) { try $0.map { try DeadLetter($0) } }
    }
}
