public import SheafCore

extension PostgresStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        let before = cursor ?? EventID(high: .max, low: .max)
        // OFFSET 0 keeps the cursor out of the inner questions, or the planner may go through all events by their
        // identifiers. Of an event that was bound anew by a replay and pruned since, an identifier is left.
        return try await database.run(
            """
            WITH known AS MATERIALIZED (
                SELECT id FROM (SELECT id FROM events WHERE status = 0 AND recipient = \(recipient) OFFSET 0) new
                UNION
                SELECT id FROM (SELECT id FROM events WHERE status = 3 AND recipient = \(recipient) OFFSET 0) dead
                UNION
                SELECT unnest(events) FROM bindings WHERE recipient = \(recipient)
            ), page AS MATERIALIZED (
                SELECT id FROM known WHERE id < \(before) ORDER BY id DESC LIMIT \(limit + 1)
            )
            SELECT \(sql: Event.columns), \(sql: StoredEvent.moreColumns), b.window_key, n.status, p.id
            FROM page p
            LEFT JOIN LATERAL (SELECT * FROM events WHERE id = p.id OFFSET 0) e ON true
            LEFT JOIN sources s ON s.id = e.source
            LEFT JOIN LATERAL (SELECT window_key FROM bindings WHERE id = e.binding OFFSET 0) b ON true
            LEFT JOIN LATERAL (
                SELECT status FROM notifications WHERE id = e.binding AND e.status = 1 OFFSET 0) n ON true
            ORDER BY p.id DESC
            """
        ) { rows in
            let items = try rows.prefix(limit).compactMap { $0.isNull(0) ? nil : try RecipientEvent($0) }
            let isCut = rows.count > limit
            return RecipientEventPage(items: items, next: isCut ? try rows[limit - 1].identifier(16) : nil)
        }
    }
}

extension RecipientEvent {
    /// After the columns of a stored event those of its window's key and its notification's status.
    fileprivate init(_ row: PostgresRow) throws {
        self.init(
            try StoredEvent(row), window: try row.optionalText(14).flatMap { WindowKey($0) },
            delivery: try row.optionalInteger(15).flatMap { UserNotification.Status(rawValue: Int($0)) })
    }
}
