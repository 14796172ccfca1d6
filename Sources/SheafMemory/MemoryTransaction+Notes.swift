import SheafCore

extension MemoryTransaction {
    func note(_ notes: [HistoryNote]) throws {
        for note in notes where exists(note.subject) {
            set(tables.notes[note.subject, default: []] + [note], for: note.subject, in: \.notes)
        }
    }

    func replay(_ digests: [ReplayedDigest], as replay: String) throws -> Set<NotificationID> {
        var stored: Set<NotificationID> = []
        for digest in digests where digest.events.allSatisfy({ canReplay($0, as: replay) }) {
            store(
                UserNotification(
                    id: digest.id, recipient: digest.recipient, type: digest.type, content: digest.content,
                    eventCount: digest.events.count, createdAt: now, traceParent: digest.traceParent),
                about: .events(digest.events))
            try note(HistoryNote.replayed(digest, by: replay, at: now))
            stored.insert(digest.id)
        }
        return stored
    }

    private func canReplay(_ event: EventID, as replay: String) -> Bool {
        guard let row = tables.events[event], [.processed, .suppressed].contains(tables.stored(row).status) else {
            return false
        }
        return tables.notes[.event(event)]?.contains { $0.step == .replayed && $0.reason == replay } != true
    }

    private func exists(_ subject: MessageBody) -> Bool {
        switch subject {
        case .event(let id): tables.events[id] != nil
        case .notification(let id): tables.notifications[id] != nil
        }
    }
}
