import SheafCore

extension PostgresTransaction {
    func note(_ notes: [HistoryNote]) throws {
        guard !notes.isEmpty else { return }
        let range = EventRange(
            notes.compactMap { note in if case .event(let id) = note.subject { id } else { nil } })
        // What they are about is held, so that nobody can erase it before this is committed.
        session.later(
            """
            INSERT INTO notes (subject, at, step, reason, notification)
            SELECT * FROM unnest(
                \(notes.map(\.subject)), \(notes.map(\.at)), \(notes.map(\.step.rawValue)), \(notes.map(\.reason)),
                \(notes.map(\.notification))
            ) AS n (subject, at, step, reason, notification)
            WHERE EXISTS (
                    SELECT FROM events e WHERE e.id = n.subject AND e.id BETWEEN \(range.first) AND \(range.last)
                    FOR KEY SHARE)
                OR EXISTS (SELECT FROM notifications o WHERE o.id = n.subject FOR KEY SHARE)
            """)
    }

    func replay(_ digests: [ReplayedDigest], as replay: String) throws -> Set<NotificationID> {
        guard !digests.isEmpty else { return [] }
        // If the same replay runs twice at once, one waits here and then finds the other's notes.
        session.later("SELECT pg_advisory_xact_lock(hashtextextended(\(replay), 0))")
        // The events are locked, so that nobody can erase them before this is committed.
        let free = Set(
            try exchange([
                """
                SELECT e.id FROM events e
                WHERE e.id = ANY(\(digests.flatMap(\.events)))
                    AND (e.status = 2 OR e.status IS NULL
                        AND EXISTS (SELECT FROM ended_windows w WHERE w.id = e."window"))
                    AND NOT EXISTS (
                        SELECT FROM notes n WHERE n.subject = e.id AND n.step = 'replayed' AND n.reason = \(replay))
                ORDER BY e.id FOR KEY SHARE OF e
                """
            ])[0].map { try $0.identifier(0, of: Event.self) })
        let kept = digests.filter { $0.events.allSatisfy(free.contains) }
        let now = try currentMoment()
        try insert(kept.map { NotificationRow($0, at: now) })
        name(kept)
        try note(kept.flatMap { HistoryNote.replayed($0, by: replay, at: now) })
        return Set(kept.map(\.id))
    }

    /// Stores the event ids of replayed notifications.
    private func name(_ digests: [ReplayedDigest]) {
        guard !digests.isEmpty else { return }
        var ends: [Int] = []
        for digest in digests { ends.append((ends.last ?? 0) + digest.events.count) }
        let starts = zip(ends, digests).map { $0 - $1.events.count + 1 }
        session.later(
            """
            UPDATE notifications n SET events = (\(digests.flatMap(\.events)))[r.first:r.last]
            FROM unnest(\(digests.map(\.id)), \(starts), \(ends)) AS r (id, first, last) WHERE n.id = r.id
            """)
    }
}
