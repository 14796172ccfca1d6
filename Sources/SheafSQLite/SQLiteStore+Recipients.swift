import GRDB
public import SheafCore

extension SQLiteStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        try await database.read { [sources] database in
            var found = NewestEvents(before: cursor ?? EventID(high: .max, low: .max), limit: limit + 1)
            let queries = [
                """
                SELECT e.id FROM windows w JOIN events e ON e."window" = w.id WHERE w.recipient = ?
                """,
                """
                SELECT e.id FROM ended_windows w JOIN events e ON e."window" = w.id WHERE w.recipient = ?
                """,
                """
                SELECT id FROM events INDEXED BY events_unassigned_of_recipient
                WHERE "window" IS NULL AND status IS NULL AND recipient = ?
                """,
                "SELECT id FROM events INDEXED BY events_dead WHERE status = 3 AND recipient = ?",
            ]
            for query in queries {
                let _: [Never] = try database.rows(query, recipient) { columns in
                    found.insert(columns.identifier(0))
                    return nil
                }
            }
            let ids = found.newestFirst
            let query = try PreparedStatement(
                """
                SELECT \(StoredEvent.columns), coalesce(l.alone, w.alone), l.state, l.due, l.closes_at,
                    (SELECT n.status FROM notifications n WHERE n.id = w.notification AND e.status IS NULL)
                FROM \(StoredEvent.source) LEFT JOIN windows l ON l.id = e."window" WHERE e.id = ?
                """, in: database)
            let items = try ids.prefix(limit).compactMap { id in
                try query.first(id) { try RecipientEvent(columns: $0, sources: sources, database: database) }
            }
            return RecipientEventPage(items: items, next: ids.count > limit ? ids[limit - 1] : nil)
        }
    }
}

/// Collects the newest of many events, which may be added in any order and repeatedly. It holds at most a multiple of
/// the limit.
private struct NewestEvents {
    private let bound: EventID
    private let limit: Int
    private var ids: Set<EventID> = []

    init(before bound: EventID, limit: Int) {
        self.bound = bound
        self.limit = limit
    }

    var newestFirst: [EventID] { Array(ids.sorted(by: >).prefix(limit)) }

    mutating func insert(_ id: EventID?) {
        guard let id, id < bound else { return }
        ids.insert(id)
        if ids.count >= limit * 8 { ids = Set(newestFirst) }
    }
}

extension RecipientEvent {
    /// Reads the columns after those of a stored event: those of its window, and its notification's status.
    fileprivate init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let stored = try StoredEvent(columns: columns, sources: sources, database: database) else { return nil }
        let own = StoredEvent.columnCount
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
