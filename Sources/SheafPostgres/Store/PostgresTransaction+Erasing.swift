import SheafCore

extension PostgresTransaction {
    func erase(recipient: RecipientID, limit: Int) throws -> Int {
        let described = try session.rows("DELETE FROM recipients WHERE id = \(recipient) RETURNING 1").count
        // Live windows first, then those that ended meanwhile.
        let live = try windows(
            """
            SELECT id, events, first_event, last_event FROM windows WHERE recipient = \(recipient)
            ORDER BY key, id LIMIT \(limit) FOR UPDATE
            """, limit: limit)
        if !live.ids.isEmpty {
            let gone = try session.rows(
                "DELETE FROM windows WHERE id = ANY(\(live.ids)) RETURNING events, \(sql: WindowRow.isShownInRow)")
            for row in gone {
                counts += StoreCounts(events: -Int(try row.integer(0)), windows: try row.boolean(1) ? -1 : 0)
            }
        }
        try delete(eventsOf: live)
        let ended = try windows(
            """
            SELECT id, events, first_event, last_event FROM ended_windows
            WHERE recipient = \(recipient) ORDER BY id LIMIT \(limit)
            """, limit: limit)
        try delete(ended: ended)
        // One that gets a window at this moment is left to it, which a later call finds.
        let new = try identifiers(
            """
            SELECT id FROM events WHERE "window" IS NULL AND status IS NULL AND recipient = \(recipient) LIMIT \(limit)
            """, of: Event.self)
        let dead = try identifiers(
            "SELECT id FROM events WHERE status = 3 AND recipient = \(recipient) LIMIT \(limit)", of: Event.self)
        try delete(events: new + dead)
        let notifications = try identifiers(
            "SELECT id FROM notifications WHERE recipient = \(recipient) ORDER BY id LIMIT \(limit)",
            of: UserNotification.self)
        try delete(notifications: notifications)
        let letters = try session.rows(
            """
            DELETE FROM dead_letters WHERE id IN
                (SELECT id FROM dead_letters WHERE recipient = \(recipient) LIMIT \(limit)) RETURNING id
            """)
        counts.deadLetters -= letters.count
        let messages = try session.rows(
            """
            DELETE FROM outbox WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM outbox WHERE topic IN (0, 1) AND shard = \(OutboxShard.of(recipient))
                    AND recipient = \(recipient) LIMIT \(limit))) RETURNING seq
            """)
        session.later("DELETE FROM delivery_turns WHERE recipient = \(recipient)")
        return described + live.rows + ended.rows + new.count + dead.count + notifications.count + letters.count
            + messages.count
    }

    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int {
        switch kind {
        case .events: return try pruneEvents(before: moment, limit: limit)
        case .notifications:
            let old = try identifiers(
                """
                SELECT id FROM notifications n WHERE id < \(NotificationID.lowerBound(at: moment)) AND status <> 0
                    AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.body = n.id) ORDER BY id LIMIT \(limit)
                """, of: UserNotification.self)
            try delete(notifications: old)
            return old.count
        case .deadLetters:
            // The id of a record's letter is as old as the record, which may have been read much later.
            let letters = try session.rows(
                """
                DELETE FROM dead_letters WHERE id IN (
                    SELECT id FROM dead_letters
                    WHERE id < \(DeadLetterID.lowerBound(at: moment)) AND failed_at < \(moment)
                    ORDER BY id LIMIT \(limit)) RETURNING id
                """)
            counts.deadLetters -= letters.count
            return letters.count
        }
    }

    /// Events are found by what ended them: their windows, or their death. What goes with its partition is left to that.
    private func pruneEvents(before moment: Timestamp, limit: Int) throws -> Int {
        let batches = try session.rows("SELECT before, \"from\" FROM event_pruning").first.map {
            EventBatches(before: try $0.identifier(0), from: try $0.identifier(1))
        }
        let query: PostgresQuery
        if let batches {
            query = """
                SELECT id, events, first_event, last_event FROM ended_windows w
                WHERE (first_event < \(batches.before) OR first_event >= \(batches.from)) AND ended_at < \(moment)
                    AND \(sql: Self.holdsNothing) LIMIT \(limit)
                """
        } else {
            query = """
                SELECT id, events, first_event, last_event FROM ended_windows w
                WHERE ended_at < \(moment) AND \(sql: Self.holdsNothing) ORDER BY ended_at, id LIMIT \(limit)
                """
        }
        let ended = try windows(query, limit: limit)
        try delete(ended: ended)
        let dead = try identifiers(
            """
            SELECT id FROM events e WHERE status = 3 AND "window" IS NULL AND finished_at < \(moment)
                AND (id < \(batches?.before ?? EventID(high: .max, low: .max))
                    OR id >= \(batches?.from ?? EventID(high: .max, low: .max)))
                AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.body = e.id) LIMIT \(limit)
            """, of: Event.self)
        try delete(events: dead)
        return ended.rows + dead.count
    }

    /// Whether neither a notification nor a dead letter needs the window `w`.
    private static let holdsNothing: StaticString = """
        NOT EXISTS (SELECT FROM notifications n WHERE n.id = w.notification AND n.status = 0)
            AND NOT EXISTS (
                SELECT FROM (
                    SELECT id FROM events WHERE "window" = w.id AND id BETWEEN w.first_event AND w.last_event OFFSET 0
                ) e
                JOIN dead_letters d ON d.body = e.id)
        """

    // MARK: Rows with all that hangs on them

    private typealias FoundWindows = (ids: [WindowID], range: EventRange, rows: Int)

    private func identifiers<Entity>(
        _ query: PostgresQuery, of _: Entity.Type
    ) throws -> [Identifier<Entity>] {
        try session.rows(query).map { try $0.identifier(0, of: Entity.self) }
    }

    /// The first windows until they have `limit` events, at least one; and the rows that they and their events are.
    private func windows(_ query: PostgresQuery, limit: Int) throws -> FoundWindows {
        var ids: [WindowID] = []
        var ranges: [EventRange] = []
        var count = 0
        for row in try session.rows(query) {
            let events = Int(try row.integer(1))
            guard ids.isEmpty || count + events < limit else { break }
            ids.append(try row.integer(0))
            ranges.append(try EventRange(row, 2, 3))
            count += 1 + events
        }
        return (ids, EventRange(ranges), count)
    }

    // Delete dependent rows after their parent: deleting the parent waits for transactions that are adding dependents.

    private func delete(ended windows: FoundWindows) throws {
        try delete(eventsOf: windows)
        session.later("DELETE FROM ended_windows WHERE id = ANY(\(windows.ids))")
    }

    private func delete(eventsOf windows: FoundWindows) throws {
        guard !windows.ids.isEmpty else { return }
        let events = try identifiers(
            """
            DELETE FROM events WHERE "window" = ANY(\(windows.ids))
                AND id BETWEEN \(windows.range.first) AND \(windows.range.last) RETURNING id
            """, of: Event.self)
        session.later("DELETE FROM notes WHERE subject = ANY(\(events))")
    }

    private func delete(notifications ids: [NotificationID]) throws {
        guard !ids.isEmpty else { return }
        let deleted = try session.rows("DELETE FROM notifications WHERE id = ANY(\(ids)) RETURNING status = 0")
        counts.pending -= try deleted.filter { try $0.boolean(0) }.count
        session.later("DELETE FROM attempts WHERE notification = ANY(\(ids))")
        session.later("DELETE FROM notes WHERE subject = ANY(\(ids))")
    }

    /// Deletes events that are dead, or have neither a window nor an outcome.
    private func delete(events ids: [EventID]) throws {
        guard !ids.isEmpty else { return }
        let deleted = try session.rows(
            """
            DELETE FROM events WHERE id = ANY(\(ids)) AND (status = 3 OR status IS NULL AND "window" IS NULL)
            RETURNING status IS NULL
            """)
        counts.unassigned -= try deleted.filter { try $0.boolean(0) }.count
        session.later(
            """
            DELETE FROM notes n WHERE subject = ANY(\(ids)) AND NOT EXISTS (SELECT FROM events WHERE id = n.subject)
            """)
    }
}
