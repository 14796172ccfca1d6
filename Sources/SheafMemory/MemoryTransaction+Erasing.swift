import SheafCore

extension MemoryTransaction {
    /// All at once, whatever the limit: memory has no others to hold up.
    func erase(recipient: RecipientID, limit _: Int) throws -> Int {
        outbox.append(.erase(recipient))
        let events = tables.events.values.filter { $0.event.recipient == recipient }.map(\.event.id)
        let bindings = tables.bindingRecipients.filter { $0.value == recipient }.map(\.key)
        let notifications = tables.notifications.values.filter { $0.recipient == recipient }.map(\.id)
        let letters = tables.deadLetters.values.filter { $0.recipient == recipient }.map(\.id)
        delete(events)
        for id in bindings { delete(binding: id) }
        delete(notifications)
        for id in letters { set(nil, for: id, in: \.deadLetters) }
        return events.count + bindings.count + notifications.count + letters.count
    }

    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int {
        let held = Set(tables.deadLetters.values.compactMap(\.body))
        let end = NotificationID.lowerBound(at: moment)
        switch kind {
        case .events:
            let bindings = tables.bindings.values
                .filter { $0.id < end && tables.notifications[$0.id]?.status != .pending }
                .sorted { $0.id < $1.id }.prefix(limit)
            let dead = tables.events.values
                .filter { stored in
                    stored.status == .dead && stored.finishedAt.map { $0 < moment } ?? false
                        && !held.contains(.event(stored.event.id))
                }
                .map(\.event.id).sorted().prefix(limit)
            for binding in bindings {
                delete(binding.events)
                delete(binding: binding.id)
            }
            delete(Array(dead))
            return bindings.reduce(dead.count) { $0 + 1 + $1.events.count }
        case .notifications:
            let old = tables.notifications.values
                .filter { $0.id < end && $0.status != .pending && !held.contains(.notification($0.id)) }
                .map(\.id).sorted().prefix(limit)
            delete(Array(old))
            return old.count
        case .deadLetters:
            let old = tables.deadLetters.values
                .filter { $0.id < DeadLetterID.lowerBound(at: moment) && $0.failedAt < moment }
                .map(\.id).sorted().prefix(limit)
            for id in old { set(nil, for: id, in: \.deadLetters) }
            return old.count
        }
    }

    private func delete(_ events: [EventID]) {
        for id in events {
            set(nil, for: id)
            set(nil, for: .event(id), in: \.notes)
        }
    }

    private func delete(binding id: NotificationID) {
        set(nil, for: id, in: \.bindings)
        set(nil, for: id, in: \.bindingRecipients)
    }

    private func delete(_ notifications: [NotificationID]) {
        for id in notifications {
            set(nil, for: id, in: \.notifications)
            set(nil, for: id, in: \.attempts)
            set(nil, for: .notification(id), in: \.notes)
        }
    }
}
