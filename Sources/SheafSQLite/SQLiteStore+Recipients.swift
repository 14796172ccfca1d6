import GRDB
public import SheafCore

extension SQLiteStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        try await database.read { [sources] database in
            try Self.events(of: recipient, after: cursor, limit: limit, sources, database)
        }
    }

    static func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int, _ sources: SourceNames, _ database: Database
    ) throws -> RecipientEventPage {
        let before = cursor ?? EventID(high: .max, low: .max)
        let newest = try database.rows(
            """
            SELECT id, first_event, last_event, events FROM ended_windows
            WHERE recipient = ?1 AND last_event < ?2 AND last_event >= ifnull((
                SELECT last_event FROM ended_windows WHERE recipient = ?1 AND last_event < ?2
                ORDER BY last_event DESC LIMIT 1 OFFSET ?3), x'')
            ORDER BY last_event DESC
            """, recipient, before, RecipientEventReading.windows(for: limit) - 1,
            map: RecipientEventReading.Window.init(columns:))
        let reading = RecipientEventReading(newest: newest, limit: limit)
        let others: [WindowID] = try database.rows(
            """
            SELECT id FROM windows WHERE recipient = ?1
            UNION ALL
            SELECT id FROM ended_windows WHERE recipient = ?1 AND last_event >= ?2 AND first_event < ?2
            """, recipient, before
        ) { $0.integer(0) }
        let floor = reading.floor ?? EventID(high: 0, low: 0)
        var found = NewestEvents(from: floor, before: before, limit: limit + 1)
        let inWindow = try PreparedStatement(
            """
            SELECT id FROM events INDEXED BY events_by_window
            WHERE "window" = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?
            """, in: database)
        for window in others + reading.windows.map(\.id) {
            try inWindow.rows(window, floor, before, limit + 1) { $0.identifier(0) }.forEach { found.insert($0) }
        }
        let loose = [
            """
            SELECT id FROM events INDEXED BY events_unassigned_of_recipient
            WHERE "window" IS NULL AND status IS NULL AND recipient = ?
            """,
            "SELECT id FROM events INDEXED BY events_dead WHERE status = 3 AND recipient = ?",
        ]
        for query in loose {
            let _: [Never] = try database.rows(query, recipient) { columns in
                if let id: EventID = columns.identifier(0) { found.insert(id) }
                return nil
            }
        }
        let ids = found.newestFirst
        let page = reading.page(of: ids)
        let query = try PreparedStatement(
            """
            SELECT \(StoredEvent.columns), coalesce(l.alone, w.alone), l.state, l.due, l.closes_at,
                (SELECT n.status FROM notifications n WHERE n.id = w.notification AND e.status IS NULL)
            FROM \(StoredEvent.source) LEFT JOIN windows l ON l.id = e."window" WHERE e.id = ?
            """, in: database)
        let items = try ids.prefix(page.count).compactMap { id in
            try query.first(id) { try RecipientEvent(columns: $0, sources: sources, database: database) }
        }
        return RecipientEventPage(items: items, next: page.next)
    }
}

/// Collects the newest of many events, which may be added in any order and repeatedly. It holds at most a multiple of
/// the limit.
private struct NewestEvents {
    private let floor: EventID
    private let bound: EventID
    private let limit: Int
    private var ids: Set<EventID> = []

    init(from floor: EventID, before bound: EventID, limit: Int) {
        self.floor = floor
        self.bound = bound
        self.limit = limit
    }

    var newestFirst: [EventID] { Array(ids.sorted(by: >).prefix(limit)) }

    mutating func insert(_ id: EventID) {
        guard id >= floor, id < bound else { return }
        ids.insert(id)
        if ids.count >= limit * 8 { ids = Set(newestFirst) }
    }
}

extension RecipientEventReading.Window {
    fileprivate init?(columns: Columns) {
        guard let first: EventID = columns.identifier(1), let last: EventID = columns.identifier(2) else { return nil }
        self.init(id: columns.integer(0), first: first, last: last, events: Int(columns.integer(3)))
    }
}

extension RecipientEvent {
    /// Reads the columns after those of a stored event: those of its window, and its notification's status.
    fileprivate init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let stored = try StoredEvent(columns: columns, sources: sources, database: database) else { return nil }
        let own = StoredEvent.end
        let isInWindow = !columns.isNull(own) && columns.integer(own) == 0
        let isWaiting = columns.integer(own + 1) == Int64(WindowRow.State.waiting.rawValue)
        let delivery = own + 4
        self.init(
            stored, window: isInWindow ? stored.event.windowKey : nil,
            closesAt: isInWindow ? columns.optionalTimestamp(own + (isWaiting ? 2 : 3)) : nil,
            delivery: columns.isNull(delivery)
                ? nil : UserNotification.Status(rawValue: Int(columns.integer(delivery))))
    }
}
