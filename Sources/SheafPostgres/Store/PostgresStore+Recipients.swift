public import SheafCore

extension PostgresStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        try await database.transaction { try Self.events(of: recipient, after: cursor, limit: limit, $0) }
    }

    /// - Parameter session: in a transaction that has read nothing yet.
    static func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int, _ session: PostgresSession
    ) throws -> RecipientEventPage {
        let before = cursor ?? EventID(high: .max, low: .max)
        // One state for all statements, or an event that gets a window between them would be missing.
        session.later("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        // Windows are read along their index up to a limit, never all of them to be sorted.
        session.later("SET LOCAL enable_sort = off")
        session.later("SET LOCAL enable_bitmapscan = off")
        // OFFSET 0 keeps the cursor out of the inner queries; otherwise the planner may scan all events by id.
        let answers = try session.exchange([
            """
            SELECT id, first_event, last_event, events FROM ended_windows
            WHERE recipient = \(recipient) AND last_event < \(before)
            ORDER BY last_event DESC FETCH FIRST \(RecipientEventReading.windows(for: limit)) ROWS WITH TIES
            """,
            """
            SELECT id, first_event, last_event FROM windows WHERE recipient = \(recipient)
            UNION ALL
            SELECT id, first_event, last_event FROM ended_windows
            WHERE recipient = \(recipient) AND last_event >= \(before) AND first_event < \(before)
            """,
            """
            SELECT id FROM (
                SELECT id FROM (
                    SELECT id FROM events WHERE "window" IS NULL AND status IS NULL AND recipient = \(recipient) OFFSET 0
                ) new
                UNION ALL
                SELECT id FROM (SELECT id FROM events WHERE status = 3 AND recipient = \(recipient) OFFSET 0) dead
            ) loose
            WHERE id < \(before) ORDER BY id DESC LIMIT \(limit + 1)
            """,
        ])
        let reading = RecipientEventReading(
            newest: try answers[0].map {
                .init(
                    id: try $0.integer(0), first: try $0.identifier(1), last: try $0.identifier(2),
                    events: Int(try $0.integer(3)))
            }, limit: limit)
        let others = try answers[1].map { (id: try $0.integer(0) as WindowID, range: try EventRange($0, 1, 2)) }
        let rows = try session.commit([
            """
            WITH known AS MATERIALIZED (
                SELECT id FROM unnest(\(try answers[2].map { try $0.identifier(0, of: Event.self) })) AS loose (id)
                UNION
                SELECT e.id FROM unnest(
                    \(others.map(\.id) + reading.windows.map(\.id)),
                    \(others.map(\.range.first) + reading.windows.map(\.first)),
                    \(others.map(\.range.last) + reading.windows.map(\.last))
                ) AS w (id, first_event, last_event)
                CROSS JOIN LATERAL (
                    SELECT id FROM events WHERE "window" = w.id AND id BETWEEN w.first_event AND w.last_event OFFSET 0
                ) e
            ), page AS MATERIALIZED (
                SELECT id FROM known WHERE id >= \(reading.floor ?? EventID(high: 0, low: 0)) AND id < \(before)
                ORDER BY id DESC LIMIT \(limit + 1)
            )
            SELECT \(sql: StoredEvent.columns), coalesce(l.alone, x.alone),
                CASE l.state WHEN 2 THEN l.due ELSE l.closes_at END, n.status
            FROM page p
            LEFT JOIN LATERAL (SELECT * FROM events WHERE id = p.id OFFSET 0) e ON true
            LEFT JOIN sources s ON s.id = e.source
            LEFT JOIN LATERAL (SELECT * FROM windows WHERE id = e."window" OFFSET 0) l ON true
            LEFT JOIN LATERAL (SELECT * FROM ended_windows WHERE id = e."window" OFFSET 0) x ON true
            LEFT JOIN LATERAL (
                SELECT status FROM notifications WHERE id = x.notification AND e.status IS NULL OFFSET 0) n ON true
            ORDER BY p.id DESC
            """
        ])[0]
        let page = reading.page(of: try rows.map { try $0.identifier(0) })
        return RecipientEventPage(
            items: try rows.prefix(page.count).map { try RecipientEvent($0) }, next: page.next)
    }
}

extension RecipientEvent {
    /// Reads the columns after those of a stored event: whether it is alone in its window, when the window closes, and
    /// its notification's status.
    fileprivate init(_ row: PostgresRow) throws {
        let (stored, next) = (try StoredEvent(row), StoredEvent.end)
        let isShared = row.isNull(next) ? false : try !row.boolean(next)
        self.init(
            stored, window: isShared ? stored.event.windowKey : nil,
            closesAt: isShared ? try row.optionalTimestamp(next + 1) : nil,
            delivery: try row.optionalInteger(next + 2).flatMap { UserNotification.Status(rawValue: Int($0)) })
    }
}
