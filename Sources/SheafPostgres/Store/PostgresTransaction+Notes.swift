import SheafCore

extension PostgresTransaction {
    func note(_ notes: [HistoryNote]) throws {
        guard !notes.isEmpty else { return }
        session.later(
            """
            INSERT INTO notes (subject, at, step, reason, notification)
            SELECT * FROM unnest(
                \(notes.map(\.subject)), \(notes.map(\.at)), \(notes.map(\.step.rawValue)), \(notes.map(\.reason)),
                \(notes.map(\.notification))
            ) AS n (subject, at, step, reason, notification)
            WHERE EXISTS (SELECT FROM events e WHERE e.id = n.subject)
                OR EXISTS (SELECT FROM notifications o WHERE o.id = n.subject)
            """)
    }

    func replay(_ bindings: [Binding], as replay: String) throws -> Set<NotificationID> {
        guard !bindings.isEmpty else { return [] }
        // Of two that run the same replay at once, one waits here and finds the other's notes.
        _ = try session.rows("SELECT pg_advisory_xact_lock(hashtextextended(\(replay), 0))::text")
        // Held, so that nobody can erase the events before this is committed.
        let free = Set(
            try session.rows(
                """
                SELECT e.id FROM events e
                WHERE e.id = ANY(\(bindings.flatMap(\.events))) AND e.status IN (1, 2) AND NOT EXISTS
                    (SELECT FROM notes n WHERE n.subject = e.id AND n.step = 'replayed' AND n.reason = \(replay))
                ORDER BY e.id FOR KEY SHARE OF e
                """
            ).map { try $0.identifier(0, of: Event.self) })
        let kept = bindings.filter { $0.events.allSatisfy(free.contains) }
        insert(kept)
        try note(kept.flatMap { HistoryNote.replayed($0, by: replay, at: now) })
        return Set(kept.map(\.id))
    }
}
