public import SheafCore

extension PostgresStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        let before = cursor ?? EventID(high: .max, low: .max)
        // OFFSET 0 keeps the cursor out of the inner queries; otherwise the planner may scan all events by id.
        return try await database.run(
            """
            WITH known AS MATERIALIZED (
                SELECT id FROM (
                    SELECT id FROM events WHERE "window" IS NULL AND status IS NULL AND recipient = \(recipient) OFFSET 0
                ) new
                UNION
                SELECT id FROM (SELECT id FROM events WHERE status = 3 AND recipient = \(recipient) OFFSET 0) dead
                UNION
                SELECT e.id FROM (
                    SELECT id, first_event, last_event FROM windows WHERE recipient = \(recipient)
                    UNION ALL
                    SELECT id, first_event, last_event FROM ended_windows WHERE recipient = \(recipient)
                ) w
                CROSS JOIN LATERAL (
                    SELECT id FROM events WHERE "window" = w.id AND id BETWEEN w.first_event AND w.last_event OFFSET 0
                ) e
            ), page AS MATERIALIZED (
                SELECT id FROM known WHERE id < \(before) ORDER BY id DESC LIMIT \(limit + 1)
            )
            SELECT \(sql: StoredEvent.columns), coalesce(l.alone, x.alone),
                CASE l.state WHEN 2 THEN l.due ELSE l.closes_at END, n.status, p.id
            FROM page p
            LEFT JOIN LATERAL (SELECT * FROM events WHERE id = p.id OFFSET 0) e ON true
            LEFT JOIN sources s ON s.id = e.source
            LEFT JOIN LATERAL (SELECT * FROM windows WHERE id = e."window" OFFSET 0) l ON true
            LEFT JOIN LATERAL (SELECT * FROM ended_windows WHERE id = e."window" OFFSET 0) x ON true
            LEFT JOIN LATERAL (
                SELECT status FROM notifications WHERE id = x.notification AND e.status IS NULL OFFSET 0) n ON true
            ORDER BY p.id DESC
            """
        ) { rows in
            let items = try rows.prefix(limit).compactMap { $0.isNull(0) ? nil : try RecipientEvent($0) }
            let isCut = rows.count > limit
            return RecipientEventPage(
                items: items, next: isCut ? try rows[limit - 1].identifier(StoredEvent.columnCount + 3) : nil)
        }
    }
}

extension RecipientEvent {
    /// Reads the columns after those of a stored event: whether it is alone in its window, when the window closes, and
    /// its notification's status.
    fileprivate init(_ row: PostgresRow) throws {
        let (stored, next) = (try StoredEvent(row), StoredEvent.columnCount)
        let isShared = row.isNull(next) ? false : try !row.boolean(next)
        self.init(
            stored, window: isShared ? stored.event.windowKey : nil,
            closesAt: isShared ? try row.optionalTimestamp(next + 1) : nil,
            delivery: try row.optionalInteger(next + 2).flatMap { UserNotification.Status(rawValue: Int($0)) })
    }
}
