import SheafCore

extension PostgresTransaction {
    func bind(_ bindings: [Binding]) throws {
        guard !bindings.isEmpty else { return }
        try finish(bindings)
        insert(bindings)
    }

    /// Stores bindings and their notifications.
    func insert(_ bindings: [Binding]) {
        guard !bindings.isEmpty else { return }
        session.later(
            """
            INSERT INTO bindings (id, recipient, window_key, opened_at, closes_at, bound_at, events)
            SELECT b.id, b.recipient, b.key, b.opened_at, b.closes_at, \(now), (\(bindings.flatMap(\.events)))[b.first:b.last]
            FROM unnest(
                \(bindings.map(\.id)), \(bindings.map(\.recipient)), \(bindings.map { $0.window?.key.description }),
                \(bindings.map { $0.window?.openedAt }), \(bindings.map { $0.window?.closesAt }),
                \(Self.starts(bindings)), \(Self.ends(bindings))
            ) AS b (id, recipient, key, opened_at, closes_at, first, last)
            """)
        insertNotifications(
            bindings.compactMap { binding in
                guard case .notification(let content) = binding.composition else { return nil }
                return (binding, content)
            })
    }

    /// Ends the bindings' events.
    private func finish(_ bindings: [Binding]) throws {
        var seen: Set<EventID> = []
        var ends: [EventEnd] = []
        for binding in bindings {
            for event in binding.events where seen.insert(event).inserted { ends.append(EventEnd(event, binding)) }
        }
        // In one order for all, so that no two transactions wait for each other.
        ends.sort { $0.event < $1.event }
        var ended = Set(
            try session.rows(
                """
                UPDATE events SET status = e.status, reason = e.reason, binding = e.binding, finished_at = \(now)
                FROM unnest(
                    \(ends.map(\.event)), \(ends.map(\.status.rawValue)), \(ends.map(\.reason)), \(ends.map(\.binding))
                ) AS e (id, status, reason, binding)
                CROSS JOIN LATERAL (SELECT ctid AS row FROM events WHERE id = e.id AND status = 0 OFFSET 0) found
                WHERE events.ctid = found.row AND events.status = 0 RETURNING events.id
                """
            ).map { try $0.identifier(0, of: Event.self) })
        let conflicts = bindings.filter { binding in binding.events.contains { ended.remove($0) == nil } }
        guard conflicts.isEmpty else { throw BindingConflict(bindings: conflicts.map(\.id)) }
    }

    private func insertNotifications(_ notifications: [(binding: Binding, content: NotificationContent)]) {
        guard !notifications.isEmpty else { return }
        session.later(
            """
            INSERT INTO notifications
                (id, recipient, type, list_title, list_description, full_title, full_text, event_count, trace,
                 created_at)
            SELECT *, \(now) FROM unnest(
                \(notifications.map(\.binding.id)), \(notifications.map(\.binding.recipient)),
                \(notifications.map(\.binding.type)), \(notifications.map(\.content.listTitle)),
                \(notifications.map(\.content.listDescription)), \(notifications.map(\.content.fullTitle)),
                \(notifications.map(\.content.fullText)), \(notifications.map(\.binding.events.count)),
                \(notifications.map(\.binding.traceParent)))
            """)
    }

    /// Where each binding's events begin in the list of all, counted from 1 as PostgreSQL does.
    private static func starts(_ bindings: [Binding]) -> [Int] {
        zip(bindings, ends(bindings)).map { $1 - $0.events.count + 1 }
    }

    private static func ends(_ bindings: [Binding]) -> [Int] {
        var end = 0
        return bindings.map { binding in
            end += binding.events.count
            return end
        }
    }
}

/// How an event ends by its binding.
private struct EventEnd {
    let event: EventID
    let binding: NotificationID
    let status: EventStatus
    let reason: String?

    init(_ event: EventID, _ binding: Binding) {
        self.event = event
        self.binding = binding.id
        switch binding.composition {
        case .notification: (status, reason) = (.processed, nil)
        case .suppressed(let why): (status, reason) = (.suppressed, why)
        }
    }
}
