import GRDB
import SheafCore

extension SQLiteTransaction {
    func digest(_ digests: [Digest]) throws -> Set<NotificationID> {
        let end = try PreparedStatement(
            "DELETE FROM windows WHERE id = ? AND revision = ? AND events = ? RETURNING \(WindowRow.isShown)",
            in: database)
        let except = try PreparedStatement(
            "UPDATE events SET status = ?, reason = ?, finished_at = ? WHERE id = ? AND status IS NULL", in: database)
        var done: Set<NotificationID> = []
        var messages: [QueueMessage] = []
        for digest in digests {
            let window: WindowID
            switch digest.source {
            case .claim(let id, let token, let revision):
                guard claims.holds(id, token: token),
                    let wasShown = try end.first(id, revision, digest.events.count, map: { $0.integer(0) == 1 })
                else { continue }
                counts += StoreCounts(events: -digest.events.count, windows: wasShown ? -1 : 0)
                effects.endedWindows.append(id)
                window = id
            case .relayed:
                guard try areUnassigned(digest.events) else { continue }
                window = try newWindowID()
                try assign(digest.events, to: window)
            }
            done.insert(digest.id)
            guard !digest.events.isEmpty else { continue }
            for exception in digest.exceptions {
                try except.run(exception.status.rawValue, exception.reason, now, exception.event)
            }
            try insertEnded(digest, as: window)
            if case .notification(let content) = digest.composition {
                try insert(
                    digest.id, digest.window.key.type, digest.window.key.recipient, content,
                    eventCount: digest.eventCount, traceParent: digest.traceParent, window: window)
            }
            if let message = digest.message { messages.append(message) }
        }
        try publish(messages)
        return done
    }

    /// Stores the window of an event that was suppressed when it was accepted.
    func insertSuppressed(_ window: WindowPlan.Window, _ reason: String) throws -> WindowID {
        let id = try newWindowID()
        let state = window.state
        try insertEnded(
            id, ClosedWindow(key: window.key, openedAt: state.openedAt, closesAt: state.closesAt), isAlone: true,
            events: state.events, notification: nil, reason: reason)
        return id
    }

    private func insertEnded(_ digest: Digest, as id: WindowID) throws {
        try insertEnded(
            id, digest.window, isAlone: digest.isAlone, events: digest.events.count,
            notification: digest.reason == nil ? digest.id : nil, reason: digest.reason)
    }

    func insertEnded(
        _ id: WindowID, _ window: ClosedWindow, isAlone: Bool, events: Int, notification: NotificationID?,
        reason: String?
    ) throws {
        let key = window.key
        try database.run(
            """
            INSERT INTO ended_windows (
                id, recipient, type, key_part, alone, opened_at, closes_at, ended_at, events, notification, reason
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, key.recipient, key.type, key.part, isAlone ? 1 : 0, window.openedAt, window.closesAt, now, events,
            notification, reason)
    }

    private func insert(
        _ id: NotificationID, _ type: EventTypeCode, _ recipient: RecipientID, _ content: NotificationContent,
        eventCount: Int, traceParent: String?, window: WindowID? = nil, events: [EventID]? = nil
    ) throws {
        try database.run(
            """
            INSERT INTO notifications (
                id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at,
                trace, "window", events, url, locale, category, importance
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, recipient, type, content.listTitle, content.listDescription, content.fullTitle, content.fullText,
            eventCount, now, traceParent, window, events?.flatMap(\.bytes), content.url, content.locale,
            content.storedCategory, content.storedImportance)
        counts.pending += 1
    }

    // MARK: Windows outside the store

    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow> {
        var adopted: Set<AdoptedWindow> = []
        for window in windows where try areUnassigned(window.events) {
            let key = window.window.key
            try database.run(
                """
                INSERT INTO windows (
                    recipient, type, key_part, alone, state, due, opened_at, closes_at, events, bytes, attempt,
                    wait_reason
                ) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                key.recipient, key.type, key.part, WindowRow.State.waiting.rawValue, now + window.delay,
                window.window.openedAt, window.window.closesAt, window.events.count, window.bytes, window.attempt,
                window.reason.rawValue)
            try assign(window.events, to: database.lastInsertedRowID)
            counts += StoreCounts(events: window.events.count, windows: 1)
            effects.note(dueAt: now + window.delay)
            adopted.insert(window)
        }
        return adopted
    }

    private func areUnassigned(_ events: [EventID]) throws -> Bool {
        let query = try PreparedStatement(
            "SELECT 1 FROM events WHERE id = ? AND \"window\" IS NULL AND status IS NULL", in: database)
        return try events.allSatisfy { try query.first($0) { _ in true } ?? false }
    }

    private func assign(_ events: [EventID], to window: WindowID) throws {
        let update = try PreparedStatement("UPDATE events SET \"window\" = ? WHERE id = ?", in: database)
        for event in events { try update.run(window, event) }
        counts.unassigned -= events.count
    }

    /// A number that no other window has or will get.
    func newWindowID() throws -> WindowID {
        try database.run(
            """
            INSERT INTO windows (recipient, type, alone, state, due, opened_at, closes_at, events, bytes)
            VALUES (0, 0, 1, 1, 0, 0, 0, 0, 0)
            """)
        let id = database.lastInsertedRowID
        try database.run("DELETE FROM windows WHERE id = ?", id)
        return id
    }
}

// MARK: - Notes and replays

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

    func replay(_ digests: [ReplayedDigest], as replay: String) throws -> Set<NotificationID> {
        let free = try PreparedStatement(
            """
            SELECT 1 FROM events e WHERE id = ?1
                AND (status = 2 OR status IS NULL AND EXISTS (SELECT 1 FROM ended_windows w WHERE w.id = e."window"))
                AND NOT EXISTS (SELECT 1 FROM notes WHERE subject = ?1 AND step = 'replayed' AND reason = ?2)
            """, in: database)
        var stored: Set<NotificationID> = []
        for digest in digests {
            guard try digest.events.allSatisfy({ try free.first($0, replay) { _ in true } ?? false }) else { continue }
            try insert(
                digest.id, digest.type, digest.recipient, digest.content, eventCount: digest.events.count,
                traceParent: digest.traceParent, events: digest.events)
            try note(HistoryNote.replayed(digest, by: replay, at: now))
            try publish([digest.message])
            stored.insert(digest.id)
        }
        return stored
    }
}
