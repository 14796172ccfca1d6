import GRDB
public import SheafCore

extension SQLiteStore {
    public func statistics() async throws -> StoreStatistics {
        let now = database.clock.now
        return try await database.read { database in
            let counts = try StoreCounts(in: database)
            let types = try database.types("SELECT min(type) FROM windows WHERE type > ?")
            let windows = try database.windows(of: types, at: now)
            let messages = try Topic.allCases.map { topic in
                let most = topic == .eventOccurred ? counts.unassigned : counts.pending
                return (topic, try database.messages(of: topic, most: most, at: now))
            }
            return StoreStatistics(
                backlog: Dictionary(uniqueKeysWithValues: messages.map { ($0, $1.count) }),
                oldestMessageAt: messages.compactMap(\.1.oldest).min(),
                newEvents: counts.events + counts.unassigned,
                oldestDueAt: [windows.oldest, try database.oldestUnassigned()].compactMap(\.self).min(),
                dueEvents: try database.dueEvents(of: types, windows, total: counts.events, at: now),
                pendingNotifications: counts.pending, deadLetters: counts.deadLetters,
                furthestDueAt: ([windows.furthest] + messages.map(\.1.furthest)).compactMap(\.self).max())
        }
    }
}

extension Database {
    /// The types that an index starts with, by a query for the next: a step in the index for each that there is.
    func types(_ nextQuery: String) throws -> [EventTypeCode] {
        let next = try PreparedStatement(nextQuery, in: self)
        var types: [EventTypeCode] = []
        while let type = try next.first(types.last ?? .min, map: { $0.isNull(0) ? nil : Int($0.integer(0)) }) {
            types.append(type)
        }
        return types
    }

    fileprivate typealias Windows = (first: Timestamp?, oldest: Timestamp?, furthest: Timestamp?)

    /// When the first window with an event was due, since when the oldest work waits, and when the last window is due.
    fileprivate func windows(of types: [EventTypeCode], at now: Timestamp) throws -> Windows {
        let first = try PreparedStatement(
            "SELECT due FROM windows WHERE type = ? AND due <= ? AND events > 0 ORDER BY due LIMIT 1", in: self)
        let last = try PreparedStatement("SELECT max(due) FROM windows WHERE type = ?", in: self)
        let due = try types.compactMap { try first.first($0, now) { $0.timestamp(0) } }.min()
        let delayed = try self.first(
            """
            SELECT closes_at FROM windows INDEXED BY windows_delayed
            WHERE state = 3 AND wait_reason = 'service' AND events > 0 ORDER BY closes_at LIMIT 1
            """
        ) { $0.timestamp(0) }
        return (
            due, [due, delayed].compactMap(\.self).min(),
            try types.compactMap { try last.first($0) { $0.optionalTimestamp(0) } }.max()
        )
    }

    fileprivate func dueEvents(
        of types: [EventTypeCode], _ windows: Windows, total: Int, at now: Timestamp
    ) throws -> Int {
        func sample(_ condition: String) throws -> DueEstimate.Sample {
            let query = try PreparedStatement(
                "SELECT count(*), sum(events) FROM (SELECT events FROM windows WHERE type = ? AND \(condition) LIMIT ?)",
                in: self)
            var (rows, sum) = (0, 0)
            for type in types where rows <= DueEstimate.limit {
                _ = try query.first(type, now, DueEstimate.limit + 1 - rows) { columns in
                    rows += Int(columns.integer(0))
                    sum += Int(columns.integer(1))
                }
            }
            return DueEstimate.Sample(rows: rows, sum: sum)
        }
        let due = try sample("due <= ? ORDER BY due")
        guard !due.isWhole else { return due.sum }
        return DueEstimate(due: due, later: try sample("due > ? ORDER BY due DESC"), total: total)
            .sum(at: now, from: windows.first, to: windows.furthest)
    }

    /// - Parameter most: as many there are at most.
    fileprivate func messages(
        of topic: Topic, most: Int, at now: Timestamp
    ) throws -> (count: Int, oldest: Timestamp?, furthest: Timestamp?) {
        func sample(_ condition: String) throws -> DueEstimate.Sample {
            let query = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE topic = ? AND \(condition) LIMIT ?)"
            let rows = try first(query, topic.number, now, DueEstimate.limit + 1) { Int($0.integer(0)) }
            return DueEstimate.Sample(rows: rows ?? 0)
        }
        let oldest = try first(
            "SELECT due, written_at FROM outbox WHERE topic = ? AND due <= ? ORDER BY due LIMIT 1", topic.number, now
        ) { (due: $0.timestamp(0), writtenAt: $0.timestamp(1)) }
        let furthest = try first("SELECT due FROM outbox WHERE topic = ? ORDER BY due DESC LIMIT 1", topic.number) {
            $0.timestamp(0)
        }
        let due = try sample("due <= ?")
        let count =
            due.isWhole
            ? due.sum
            : DueEstimate(due: due, later: try sample("due > ?"), total: most)
                .sum(at: now, from: oldest?.due, to: furthest)
        return (count, oldest?.writtenAt, furthest)
    }

    /// When the oldest event was received that has neither a window nor an outcome.
    fileprivate func oldestUnassigned() throws -> Timestamp? {
        let events = "FROM events INDEXED BY events_unassigned WHERE \"window\" IS NULL AND status IS NULL"
        let first = try PreparedStatement("SELECT id \(events) AND type = ? ORDER BY id LIMIT 1", in: self)
        return try types("SELECT min(type) \(events) AND type > ?").compactMap { type in
            try first.first(type) { $0.identifier(0, of: Event.self)?.timestamp }
        }.min()
    }
}
