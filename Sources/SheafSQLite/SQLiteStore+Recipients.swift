import GRDB
public import SheafCore

extension SQLiteStore {
    public func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        try await database.read { [sources] database in
            var found = NewestEvents(before: cursor ?? EventID(high: .max, low: .max), limit: limit + 1)
            for index in ["events_new WHERE status = 0", "events_dead WHERE status = 3"] {
                let _: [Never] = try database.rows(
                    "SELECT id FROM events INDEXED BY \(index) AND recipient = ?", recipient
                ) { columns in
                    found.insert(columns.identifier(0))
                    return nil
                }
            }
            let _: [Never] = try database.rows("SELECT events FROM bindings WHERE recipient = ?", recipient) {
                columns in
                for id in columns.identifiers(0, of: Event.self) { found.insert(id) }
                return nil
            }
            let ids = found.newestFirst
            let query = try PreparedStatement(
                """
                SELECT \(StoredEvent.columns), (SELECT window_key FROM bindings b WHERE b.id = e.binding),
                    (SELECT n.status FROM notifications n WHERE n.id = e.binding AND e.status = 1)
                FROM events e WHERE id = ?
                """, in: database)
            // Of an event that was bound anew by a replay and pruned since, an identifier is left.
            let items = try ids.prefix(limit).compactMap { id in
                try query.first(id) { try RecipientEvent(columns: $0, sources: sources, database: database) }
            }
            return RecipientEventPage(items: items, next: ids.count > limit ? ids[limit - 1] : nil)
        }
    }
}

/// The newest of many events, told in any order and more than once; it holds a multiple of what is asked for, however
/// many there are.
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
    /// After the columns of a stored event those of its window's key and its notification's status.
    fileprivate init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let stored = try StoredEvent(columns: columns, sources: sources, database: database) else { return nil }
        self.init(
            stored, window: columns.optionalText(14).flatMap { WindowKey($0) },
            delivery: columns.isNull(15) ? nil : UserNotification.Status(rawValue: Int(columns.integer(15))))
    }
}
