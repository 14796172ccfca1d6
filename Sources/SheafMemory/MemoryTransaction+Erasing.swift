import SheafCore

extension MemoryTransaction {
    /// Erases everything at once, whatever the limit: in memory this blocks nobody.
    func erase(recipient: RecipientID, limit _: Int) throws -> Int {
        outbox.append(.erase(recipient))
        let events = tables.events.values.filter { $0.event.recipient == recipient }.map(\.event.id)
        let live = tables.windows.values.filter { $0.key.recipient == recipient }.map(\.id)
        let ended = tables.ended.values.filter { $0.span.key.recipient == recipient }.map(\.id)
        let notifications = tables.notifications.values.filter { $0.recipient == recipient }.map(\.id)
        let letters = tables.deadLetters.values.filter { $0.recipient == recipient }.map(\.id)
        let described = tables.recipients[recipient] == nil ? 0 : 1
        set(nil, for: recipient, in: \.recipients)
        delete(events)
        for id in live { set(nil, for: id) }
        for id in ended { set(nil, for: id, in: \.ended) }
        delete(notifications)
        for id in letters { set(nil, for: id, in: \.deadLetters) }
        return events.count + live.count + ended.count + notifications.count + letters.count + described
    }

    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int {
        switch kind {
        case .events: return pruneEvents(before: moment, limit: limit)
        case .notifications:
            let held = heldByLetters
            let end = NotificationID.lowerBound(at: moment)
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

    private var heldByLetters: Set<MessageBody> { Set(tables.deadLetters.values.compactMap(\.body)) }

    /// Removes ended windows with their events, and dead events without a window.
    private func pruneEvents(before moment: Timestamp, limit: Int) -> Int {
        let held = heldByLetters
        let windows = tables.ended.values
            .filter { window in
                window.endedAt < moment
                    && window.notification.flatMap { tables.notifications[$0]?.status } != .pending
                    && !tables.members[window.id, default: []].contains { held.contains(.event($0)) }
            }
            .sorted { ($0.endedAt, $0.id) < ($1.endedAt, $1.id) }.prefix(limit)
        let dead = tables.events.values
            .filter { row in
                row.window == nil && row.outcome.map { $0.at < moment } ?? false
                    && !held.contains(.event(row.event.id))
            }
            .map(\.event.id).sorted().prefix(limit)
        var count = windows.count
        for window in windows {
            let members = Array(tables.members[window.id, default: []])
            delete(members)
            set(nil, for: window.id, in: \.ended)
            count += members.count
        }
        delete(Array(dead))
        return count + dead.count
    }

    private func delete(_ events: [EventID]) {
        for id in events {
            set(nil, for: id)
            set(nil, for: .event(id), in: \.notes)
        }
    }

    private func delete(_ notifications: [NotificationID]) {
        for id in notifications {
            set(nil, for: id, in: \.notifications)
            set(nil, for: id, in: \.subjects)
            set(nil, for: id, in: \.attempts)
            set(nil, for: id, in: \.turns)
            set(nil, for: .notification(id), in: \.notes)
        }
    }
}
