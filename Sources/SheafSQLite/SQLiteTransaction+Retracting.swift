import GRDB
import SheafCore

extension SQLiteTransaction {
    func retract(_ events: [EventID]) throws -> [EventID] {
        let query = try PreparedStatement(
            """
            SELECT 1 FROM events e WHERE id = ? AND status IS NULL
                AND ("window" IS NULL OR EXISTS (SELECT 1 FROM windows WHERE id = e."window"))
            """, in: database)
        let live = try Set(events).sorted().filter { try query.first($0) { _ in true } ?? false }
        try removeEmpty(end(live))
        return live
    }

    /// Retracts what the events that are about to be stored take back.
    func retract(by events: [AdmittedEvent]) throws -> RetractionPlan {
        var live: [Event] = []
        for target in RetractionPlan.targets(of: events) {
            for query in [
                """
                SELECT \(Event.columns) FROM events
                WHERE "window" IN (SELECT id FROM windows WHERE recipient = ? AND type = ?) AND status IS NULL
                """,
                """
                SELECT \(Event.columns) FROM events INDEXED BY events_unassigned_of_recipient
                WHERE "window" IS NULL AND status IS NULL AND recipient = ? AND type = ?
                """,
            ] {
                live += try database.rows(query, target.recipient, target.type) {
                    try Event(columns: $0, sources: sources, database: database)
                }
            }
        }
        return RetractionPlan(events, live: live)
    }

    /// Ends live events, each in a window of its own.
    /// - Returns: the windows that they were in.
    func end(_ events: [EventID]) throws -> Set<WindowID> {
        guard !events.isEmpty else { return [] }
        let query = try PreparedStatement(
            "SELECT recipient, type, key_part, \"window\" FROM events WHERE id = ?", in: database)
        let move = try PreparedStatement("UPDATE events SET \"window\" = ? WHERE id = ?", in: database)
        let leave = try PreparedStatement(
            "UPDATE windows SET events = events - 1, revision = revision + 1 WHERE id = ?", in: database)
        var left: Set<WindowID> = []
        for id in events {
            let found = try query.first(id) { columns in
                (
                    key: WindowKey(
                        type: Int(columns.integer(1)), recipient: columns.integer(0), part: columns.optionalText(2)),
                    window: columns.optionalInteger(3)
                )
            }
            guard let found else { continue }
            let own = try newWindowID()
            try insert(
                EndedWindow(
                    id: own, span: WindowSpan(key: found.key, openedAt: now, closesAt: now), isAlone: true,
                    events: 1, endedAt: now, notification: nil, reason: Retraction.reason), of: [id])
            try move.run(own, id)
            guard let former = found.window else {
                counts.unassigned -= 1
                continue
            }
            counts.events -= 1
            try leave.run(former)
            left.insert(former)
        }
        return left
    }

    /// Deletes those of `windows` without events, unless the window's leading event was already notified.
    func removeEmpty(_ windows: Set<WindowID>) throws {
        let delete = try PreparedStatement(
            """
            DELETE FROM windows WHERE id = ? AND events = 0 AND (leader IS NULL OR state <> 0)
            RETURNING \(WindowRow.isShown)
            """, in: database)
        for id in windows {
            guard let wasShown = try delete.first(id, map: { $0.integer(0) == 1 }) else { continue }
            if wasShown { counts.windows -= 1 }
            effects.endedWindows.append(id)
        }
    }
}
