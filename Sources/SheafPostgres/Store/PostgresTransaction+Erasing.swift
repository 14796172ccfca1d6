import SheafCore

extension PostgresTransaction {
    func erase(recipient: RecipientID, limit: Int) throws -> Int {
        // What is still `new` goes first: from then on nothing can be bound any more, and what was being bound meanwhile
        // is found by its binding.
        let new = try identifiers(
            "SELECT id FROM events WHERE status = 0 AND recipient = \(recipient) LIMIT \(limit)", of: Event.self)
        let dead = try identifiers(
            "SELECT id FROM events WHERE status = 3 AND recipient = \(recipient) LIMIT \(limit)", of: Event.self)
        // One that is bound at this moment is left to its binding, which a later call finds.
        let unbound = new + dead
        delete(events: unbound)
        let bindings = try bindings(
            """
            SELECT id, cardinality(events) FROM bindings WHERE recipient = \(recipient) ORDER BY id LIMIT \(limit)
            """, limit: limit)
        delete(bindings: bindings.ids)
        delete(notifications: bindings.ids)
        // Those of which the binding was pruned before.
        let notifications = try identifiers(
            "SELECT id FROM notifications WHERE recipient = \(recipient) ORDER BY id LIMIT \(limit)",
            of: UserNotification.self)
        delete(notifications: notifications)
        let letters = try session.rows(
            """
            DELETE FROM dead_letters WHERE id IN
                (SELECT id FROM dead_letters WHERE recipient = \(recipient) LIMIT \(limit)) RETURNING id
            """)
        let messages = try session.rows(
            """
            DELETE FROM outbox WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM outbox WHERE topic IN (0, 1) AND shard = \(OutboxShard.of(recipient))
                    AND recipient = \(recipient) LIMIT \(limit))) RETURNING seq
            """)
        return unbound.count + bindings.rows + notifications.count + letters.count + messages.count
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
            delete(notifications: old)
            return old.count
        case .deadLetters:
            // The identifier of a record's letter is as old as the record, which may have been read much later.
            return try session.rows(
                """
                DELETE FROM dead_letters WHERE id IN (
                    SELECT id FROM dead_letters
                    WHERE id < \(DeadLetterID.lowerBound(at: moment)) AND failed_at < \(moment)
                    ORDER BY id LIMIT \(limit)) RETURNING id
                """
            ).count
        }
    }

    /// Events are found by what ended them: their bindings, whose identifiers are in the order of time, or their death.
    private func pruneEvents(before moment: Timestamp, limit: Int) throws -> Int {
        let bindings = try bindings(
            """
            SELECT id, cardinality(events) FROM bindings b WHERE id < \(NotificationID.lowerBound(at: moment))
                AND NOT EXISTS (SELECT FROM notifications n WHERE n.id = b.id AND n.status = 0)
            ORDER BY id LIMIT \(limit)
            """, limit: limit)
        delete(bindings: bindings.ids)
        let dead = try identifiers(
            """
            SELECT id FROM events e WHERE status = 3 AND finished_at < \(moment)
                AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.body = e.id) LIMIT \(limit)
            """, of: Event.self)
        delete(events: dead)
        return bindings.rows + dead.count
    }

    // MARK: Rows with all that hangs on them

    private func identifiers<Entity>(
        _ query: PostgresQuery, of _: Entity.Type
    ) throws -> [Identifier<Entity>] {
        try session.rows(query).map { try $0.identifier(0, of: Entity.self) }
    }

    /// The first bindings until they have `limit` events, at least one; and the rows that they and their events are.
    private func bindings(_ query: PostgresQuery, limit: Int) throws -> (ids: [NotificationID], rows: Int) {
        var ids: [NotificationID] = []
        var count = 0
        for row in try session.rows(query) {
            let events = Int(try row.integer(1))
            guard ids.isEmpty || count + events < limit else { break }
            ids.append(try row.identifier(0))
            count += 1 + events
        }
        return (ids, count)
    }

    private func delete(bindings ids: [NotificationID]) {
        guard !ids.isEmpty else { return }
        session.later(
            "DELETE FROM notes WHERE subject IN (SELECT unnest(events) FROM bindings WHERE id = ANY(\(ids)))")
        session.later(
            "DELETE FROM events WHERE id IN (SELECT unnest(events) FROM bindings WHERE id = ANY(\(ids)))")
        session.later("DELETE FROM bindings WHERE id = ANY(\(ids))")
    }

    private func delete(notifications ids: [NotificationID]) {
        guard !ids.isEmpty else { return }
        session.later("DELETE FROM attempts WHERE notification = ANY(\(ids))")
        session.later("DELETE FROM notes WHERE subject = ANY(\(ids))")
        session.later("DELETE FROM notifications WHERE id = ANY(\(ids))")
    }

    /// Deletes events that are in no binding.
    private func delete(events ids: [EventID]) {
        guard !ids.isEmpty else { return }
        session.later("DELETE FROM events WHERE id = ANY(\(ids)) AND status IN (0, 3)")
        session.later(
            """
            DELETE FROM notes n WHERE subject = ANY(\(ids)) AND NOT EXISTS (SELECT FROM events WHERE id = n.subject)
            """)
    }
}
