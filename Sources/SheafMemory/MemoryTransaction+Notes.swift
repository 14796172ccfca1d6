import SheafCore

extension MemoryTransaction {
    func note(_ notes: [HistoryNote]) throws {
        for note in notes where exists(note.subject) {
            set(tables.notes[note.subject, default: []] + [note], for: note.subject, in: \.notes)
        }
    }

    func replay(_ bindings: [Binding], as replay: String) throws -> Set<NotificationID> {
        var stored: Set<NotificationID> = []
        for binding in bindings where binding.events.allSatisfy({ canReplay($0, as: replay) }) {
            store(binding)
            try note(HistoryNote.replayed(binding, by: replay, at: now))
            stored.insert(binding.id)
        }
        return stored
    }

    private func canReplay(_ event: EventID, as replay: String) -> Bool {
        guard let status = tables.events[event]?.status, [.processed, .suppressed].contains(status) else {
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
