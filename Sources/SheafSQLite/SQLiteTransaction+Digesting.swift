import GRDB
import SheafCore

extension SQLiteTransaction {
    func digest(_ digests: [Digest]) throws -> Set<NotificationID> {
        let end = try PreparedStatement(
            "DELETE FROM windows WHERE id = ? AND revision = ? AND events = ? RETURNING \(WindowRow.isShown), wait_reason",
            in: database)
        let except = try PreparedStatement(
            "UPDATE events SET status = ?, reason = ?, finished_at = ? WHERE id = ? AND status IS NULL", in: database)
        var done: Set<NotificationID> = []
        var messages: [QueueMessage] = []
        for digest in digests {
            let window: WindowID
            var waitedFor: WaitReason?
            switch digest.source {
            case .claim(let id, let token, let revision):
                guard claims.holds(id, token: token),
                    let (wasShown, reason) = try end.first(
                        id, revision, digest.events.count, map: { ($0.integer(0) == 1, $0.optionalText(1)) })
                else { continue }
                waitedFor = reason.flatMap(WaitReason.init(rawValue:))
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
            try insert(
                EndedWindow(
                    id: window, span: digest.window, isAlone: digest.isAlone, events: digest.events.count,
                    endedAt: now, notification: digest.reason == nil ? digest.id : nil, reason: digest.reason,
                    attempts: digest.attempts, waitedFor: waitedFor), of: digest.events)
            if case .notification(let content) = digest.composition {
                let key = digest.window.key
                try insert(
                    NotificationRow(
                        id: digest.id, type: key.type, recipient: key.recipient, content: content,
                        eventCount: digest.eventCount, createdAt: now, traceParent: digest.traceParent, window: window))
            }
            if let message = digest.message { messages.append(message) }
        }
        try publish(messages)
        return done
    }

    /// Stores the window of events that were suppressed when they were accepted.
    func insertSuppressed(_ window: WindowPlan.Window, of events: [EventID], _ reason: String) throws -> WindowID {
        let id = try newWindowID()
        let state = window.state
        try insert(
            EndedWindow(
                id: id, span: WindowSpan(key: window.key, openedAt: state.openedAt, closesAt: state.closesAt),
                isAlone: true, events: state.events, endedAt: now, notification: nil, reason: reason), of: events)
        return id
    }

    func insert(_ window: EndedWindow, of events: [EventID]) throws {
        if let row = EndedWindowRow(window, of: events) { try database.insert(row) }
    }

    private func insert(_ notification: NotificationRow) throws {
        try database.insert(notification)
        counts.pending += 1
    }

    // MARK: Windows outside the store

    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow> {
        var adopted: Set<AdoptedWindow> = []
        for window in windows where try areUnassigned(window.events) {
            let key = window.span.key
            try database.run(
                """
                INSERT INTO windows (
                    recipient, type, key_part, alone, state, due, opened_at, closes_at, events, bytes, attempt,
                    wait_reason
                ) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                key.recipient, key.type, key.part, WindowRow.State.waiting.rawValue, now + window.delay,
                window.span.openedAt, window.span.closesAt, window.events.count, window.bytes, window.attempt,
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
                NotificationRow(
                    id: digest.id, type: digest.type, recipient: digest.recipient, content: digest.content,
                    eventCount: digest.events.count, createdAt: now, traceParent: digest.traceParent,
                    events: digest.events))
            try note(HistoryNote.replayed(digest, by: replay, at: now))
            try publish([digest.message])
            stored.insert(digest.id)
        }
        return stored
    }
}
