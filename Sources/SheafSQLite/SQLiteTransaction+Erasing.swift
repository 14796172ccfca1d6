import GRDB
import SheafCore

extension SQLiteTransaction {
    func erase(recipient: RecipientID, limit: Int) throws -> Int {
        let count = try eraseRows(of: recipient, limit: limit)
        if count > 0 { effects.hasErased = true }
        return count
    }

    private func eraseRows(of recipient: RecipientID, limit: Int) throws -> Int {
        // Live windows first: from then on none of their events can be digested.
        let live = try delete(
            database.rows(
                "SELECT id, events, NULL, \(WindowRow.isShown) FROM windows WHERE recipient = ? ORDER BY id LIMIT ?",
                recipient, limit,
                map: WindowSize.init(columns:)), from: "windows", limit: limit)
        effects.endedWindows += live.ids
        counts += live.counts
        let ended = try delete(
            database.rows(
                "SELECT id, events, notification, 0 FROM ended_windows WHERE recipient = ? ORDER BY id LIMIT ?",
                recipient,
                limit, map: WindowSize.init(columns:)), from: "ended_windows", limit: limit)
        var count = live.rows + ended.rows
        let unassigned = try deleteEvents(
            database.rows(
                """
                SELECT id FROM events INDEXED BY events_unassigned_of_recipient
                WHERE "window" IS NULL AND status IS NULL AND recipient = ? LIMIT ?
                """, recipient, limit
            ) { $0.identifier(0) })
        counts.unassigned -= unassigned
        count += unassigned
        count += try deleteEvents(
            database.rows(
                "SELECT id FROM events INDEXED BY events_dead WHERE status = 3 AND recipient = ? LIMIT ?", recipient,
                limit
            ) { $0.identifier(0) })
        // The notifications of replays, and those whose window was pruned before.
        count += try deleteNotifications(
            database.rows("SELECT id FROM notifications WHERE recipient = ? LIMIT ?", recipient, limit) {
                $0.identifier(0)
            })
        let letters = try database.run(
            "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE recipient = ? LIMIT ?)",
            recipient, limit)
        counts.deadLetters -= letters
        count += letters
        count += try database.run(
            """
            DELETE FROM outbox WHERE (topic, due, body) IN
                (SELECT topic, due, body FROM outbox WHERE recipient = ? LIMIT ?)
            """,
            recipient, limit)
        try database.run("DELETE FROM delivery_turns WHERE recipient = ?", recipient)
        count += try database.run("DELETE FROM recipients WHERE id = ?", recipient)
        return count
    }

    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int {
        switch kind {
        case .events: return try pruneEvents(before: moment, limit: limit)
        case .notifications:
            return try deleteNotifications(
                database.rows(
                    """
                    SELECT id FROM notifications n WHERE id < ? AND status <> 0
                        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE body = n.id) ORDER BY id LIMIT ?
                    """,
                    NotificationID.lowerBound(at: moment), limit
                ) { $0.identifier(0) })
        case .deadLetters:
            // The id of a record's letter is as old as the record, which may have been read much later.
            let letters = try database.run(
                """
                DELETE FROM dead_letters WHERE id IN
                    (SELECT id FROM dead_letters WHERE id < ? AND failed_at < ? ORDER BY id LIMIT ?)
                """,
                DeadLetterID.lowerBound(at: moment), moment, limit)
            counts.deadLetters -= letters
            return letters
        }
    }

    /// Prunes events with their windows, and dead events without a window on their own.
    private func pruneEvents(before moment: Timestamp, limit: Int) throws -> Int {
        let windows = try delete(
            database.rows(
                """
                SELECT id, events, NULL, 0 FROM ended_windows w INDEXED BY ended_windows_by_end
                WHERE ended_at < ?1
                    AND NOT EXISTS (SELECT 1 FROM notifications WHERE id = w.notification AND status = 0)
                    AND NOT EXISTS (
                        SELECT 1 FROM events e JOIN dead_letters d ON d.body = e.id
                        WHERE e."window" = w.id AND e.status = 3)
                ORDER BY ended_at LIMIT ?2
                """,
                moment, limit, map: WindowSize.init(columns:)), from: "ended_windows", limit: limit)
        let dead = try deleteEvents(
            database.rows(
                """
                SELECT id FROM events e INDEXED BY events_dead WHERE status = 3 AND finished_at < ?
                    AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE body = e.id) LIMIT ?
                """,
                moment, limit
            ) { $0.identifier(0) })
        return windows.rows + dead
    }
}

// MARK: - Rows with their dependents

/// A window, and how many events it had.
private struct WindowSize {
    let id: WindowID
    let events: Int
    let notification: NotificationID?
    let isShown: Bool

    init?(columns: Columns) {
        id = columns.integer(0)
        events = Int(columns.integer(1))
        notification = columns.identifier(2)
        isShown = columns.integer(3) == 1
    }
}

extension SQLiteTransaction {
    /// Deletes the first of `windows` with their events, and with their notifications if given, until `limit` events
    /// are deleted; at least one window.
    ///
    /// - Returns: the windows, the number of rows deleted, and the change of the counts if the windows were live.
    private func delete(
        _ windows: [WindowSize], from table: String, limit: Int
    ) throws -> (ids: [WindowID], rows: Int, counts: StoreCounts) {
        let events = try PreparedStatement("SELECT id FROM events WHERE \"window\" = ?", in: database)
        let delete = try PreparedStatement("DELETE FROM \(table) WHERE id = ?", in: database)
        var (ids, rows, counts): ([WindowID], Int, StoreCounts) = ([], 0, .zero)
        for window in windows {
            guard ids.isEmpty || rows + window.events < limit else { break }
            rows += 1 + (try deleteEvents(events.rows(window.id) { $0.identifier(0) }))
            try delete.run(window.id)
            if let notification = window.notification { try deleteNotifications([notification]) }
            ids.append(window.id)
            counts += StoreCounts(events: -window.events, windows: window.isShown ? -1 : 0)
        }
        return (ids, rows, counts)
    }

    @discardableResult
    private func deleteEvents(_ ids: [EventID]) throws -> Int {
        let delete = try PreparedStatement("DELETE FROM events WHERE id = ?", in: database)
        let deleteNotes = try PreparedStatement("DELETE FROM notes WHERE subject = ?", in: database)
        for id in ids {
            try delete.run(id)
            try deleteNotes.run(id)
        }
        return ids.count
    }

    @discardableResult
    private func deleteNotifications(_ ids: [NotificationID]) throws -> Int {
        let delete = try PreparedStatement("DELETE FROM notifications WHERE id = ? RETURNING status = 0", in: database)
        let deleteAttempts = try PreparedStatement("DELETE FROM attempts WHERE notification = ?", in: database)
        let deleteNotes = try PreparedStatement("DELETE FROM notes WHERE subject = ?", in: database)
        for id in ids {
            if try delete.first(id, map: { $0.integer(0) == 1 }) == true { counts.pending -= 1 }
            try deleteAttempts.run(id)
            try deleteNotes.run(id)
        }
        return ids.count
    }
}
