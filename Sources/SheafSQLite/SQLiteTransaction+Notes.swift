import GRDB
import SheafCore

extension SQLiteTransaction {
    func note(_ notes: [HistoryNote]) throws {
        let insert = try PreparedStatement(
            """
            INSERT INTO notes (subject, at, step, reason, notification) SELECT ?1, ?2, ?3, ?4, ?5
            WHERE EXISTS (SELECT 1 FROM events WHERE id = ?1) OR EXISTS (SELECT 1 FROM notifications WHERE id = ?1)
            """, in: database)
        for note in notes {
            try insert.run(note.subject, note.at, note.step.rawValue, note.reason, note.notification)
        }
    }

    func replay(_ bindings: [Binding], as replay: String) throws -> Set<NotificationID> {
        let free = try PreparedStatement(
            """
            SELECT 1 FROM events WHERE id = ?1 AND status IN (1, 2) AND NOT EXISTS
                (SELECT 1 FROM notes WHERE subject = ?1 AND step = 'replayed' AND reason = ?2)
            """, in: database)
        var stored: Set<NotificationID> = []
        for binding in bindings {
            guard try binding.events.allSatisfy({ try free.first($0, replay) { _ in true } ?? false }) else { continue }
            try insert(binding)
            if case .notification(let content) = binding.composition { try insert(binding, content) }
            try note(HistoryNote.replayed(binding, by: replay, at: now))
            stored.insert(binding.id)
        }
        return stored
    }
}
