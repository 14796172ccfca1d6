import GRDB
import SheafCore

extension SQLiteTransaction {
    func erase(recipient: RecipientID, limit: Int) throws -> Int {
        let count = try eraseRows(of: recipient, limit: limit)
        if count > 0 { hasErased = true }
        return count
    }

    private func eraseRows(of recipient: RecipientID, limit: Int) throws -> Int {
        // What is still `new` goes first: from then on nothing can be bound any more.
        var count = 0
        for (index, status) in [("events_new", EventStatus.new), ("events_dead", .dead)] {
            count += try deleteEvents(
                database.rows(
                    """
                    SELECT id FROM events INDEXED BY \(index)
                    WHERE status = \(status.rawValue) AND recipient = ? LIMIT ?
                    """,
                    recipient, limit
                ) { $0.identifier(0) })
        }
        count += try deleteBindings(
            database.rows(
                "SELECT id, length(events) FROM bindings WHERE recipient = ? ORDER BY id LIMIT ?", recipient, limit,
                map: BindingSize.init(columns:)), limit: limit)
        // Those of which the binding was pruned before.
        count += try deleteNotifications(
            database.rows("SELECT id FROM notifications WHERE recipient = ? LIMIT ?", recipient, limit) {
                $0.identifier(0)
            })
        count += try database.run(
            "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE recipient = ? LIMIT ?)",
            recipient, limit)
        count += try database.run(
            """
            DELETE FROM outbox WHERE (topic, due, body) IN
                (SELECT topic, due, body FROM outbox WHERE recipient = ? LIMIT ?)
            """,
            recipient, limit)
        return count
    }

    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int {
        switch kind {
        case .events: try pruneEvents(before: moment, limit: limit)
        case .notifications:
            try deleteNotifications(
                database.rows(
                    """
                    SELECT id FROM notifications n WHERE id < ? AND status <> 0
                        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE body = n.id) ORDER BY id LIMIT ?
                    """,
                    NotificationID.lowerBound(at: moment), limit
                ) { $0.identifier(0) })
        case .deadLetters:
            // The identifier of a record's letter is as old as the record, which may have been read much later.
            try database.run(
                """
                DELETE FROM dead_letters WHERE id IN
                    (SELECT id FROM dead_letters WHERE id < ? AND failed_at < ? ORDER BY id LIMIT ?)
                """,
                DeadLetterID.lowerBound(at: moment), moment, limit)
        }
    }

    /// Events are found by what ended them: their bindings, whose identifiers are in the order of time, or their death.
    private func pruneEvents(before moment: Timestamp, limit: Int) throws -> Int {
        let bound = try deleteBindings(
            database.rows(
                """
                SELECT id, length(events) FROM bindings b
                WHERE id < ? AND NOT EXISTS (SELECT 1 FROM notifications WHERE id = b.id AND status = 0)
                ORDER BY id LIMIT ?
                """,
                NotificationID.lowerBound(at: moment), limit, map: BindingSize.init(columns:)), limit: limit,
            withNotifications: false)
        let dead = try deleteEvents(
            database.rows(
                """
                SELECT id FROM events e INDEXED BY events_dead WHERE status = 3 AND finished_at < ?
                    AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE body = e.id) LIMIT ?
                """,
                moment, limit
            ) { $0.identifier(0) })
        return bound + dead
    }
}

// MARK: - Rows with all that hangs on them

/// A binding, and how many bytes its events take.
private struct BindingSize {
    let id: NotificationID
    let events: Int

    init?(columns: Columns) {
        guard let id = columns.identifier(0, of: UserNotification.self) else { return nil }
        self.id = id
        events = Int(columns.integer(1)) / 16
    }
}

extension SQLiteTransaction {
    /// Deletes the first of `bindings` until `limit` events are gone, at least one.
    private func deleteBindings(
        _ bindings: [BindingSize], limit: Int, withNotifications: Bool = true
    ) throws -> Int {
        var count = 0
        for binding in bindings {
            guard count == 0 || count + binding.events < limit else { break }
            let events =
                try database.first(
                    "DELETE FROM bindings WHERE id = ? RETURNING events", binding.id
                ) { $0.identifiers(0, of: Event.self) } ?? []
            try deleteEvents(events)
            if withNotifications { try deleteNotifications([binding.id]) }
            count += 1 + binding.events
        }
        return count
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
        let delete = try PreparedStatement("DELETE FROM notifications WHERE id = ?", in: database)
        let deleteAttempts = try PreparedStatement("DELETE FROM attempts WHERE notification = ?", in: database)
        let deleteNotes = try PreparedStatement("DELETE FROM notes WHERE subject = ?", in: database)
        for id in ids {
            try delete.run(id)
            try deleteAttempts.run(id)
            try deleteNotes.run(id)
        }
        return ids.count
    }
}
