import SheafCore

/// The order in which one recipient's notifications are sent.
extension PostgresTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        let messages = Dictionary(messages.map { ($0.body, $0) }) { $1 }.values.sorted { $0.key < $1.key }
        guard !messages.isEmpty else { return }
        // The first of each recipient is locked, so that its end comes either before this or after it. One that was tried
        // since is not the one that the message asks for.
        let turns = try session.rows(
            """
            SELECT m.notification, first.place IS NOT NULL AND first.place < coalesce(own.place, m.notification)
            FROM unnest(\(messages.map(\.key)), \(messages.map(\.body)), \(messages.map(\.attempt)))
                AS m (recipient, notification, attempt)
            LEFT JOIN LATERAL (
                SELECT place FROM delivery_turns WHERE recipient = m.recipient ORDER BY place LIMIT 1 FOR UPDATE
            ) first ON true
            LEFT JOIN delivery_turns own ON own.notification = m.notification
            WHERE m.attempt >= coalesce(own.tries, 0)
            """)
        var waits: [MessageBody: Bool] = [:]
        for turn in turns { waits[.notification(try turn.identifier(0))] = try turn.boolean(1) }
        set(
            messages.compactMap { message in
                guard let waits = waits[message.body], case .notification(let id) = message.body else { return nil }
                return Turn(notification: id, recipient: message.key, tries: message.attempt, waits: waits)
            })
        try publish(messages.filter { waits[$0.body] == false })
    }

    func release(after ended: [QueueMessage]) throws {
        try endTurns(of: ended.compactMap { if case .notification(let id) = $0.body { id } else { nil } })
    }

    /// - Parameter ids: notifications that are not pending any more.
    private func endTurns(of ids: [NotificationID]) throws {
        guard !ids.isEmpty else { return }
        let ended = try session.rows(
            "DELETE FROM delivery_turns WHERE notification = ANY(\(ids)) RETURNING recipient")
        guard !ended.isEmpty else { return }
        // A statement of its own, so that it sees what was held before the end.
        let released = try session.rows(
            """
            UPDATE delivery_turns t SET waits = false
            FROM unnest(\(Set(try ended.map { try $0.integer(0) }).sorted())) AS r (recipient)
            CROSS JOIN LATERAL (
                SELECT place FROM delivery_turns WHERE recipient = r.recipient ORDER BY place LIMIT 1) first
            WHERE t.recipient = r.recipient AND t.place = first.place AND t.waits
            RETURNING t.recipient, t.notification, t.tries
            """)
        try publish(
            released.map { row in
                QueueMessage(
                    key: try row.integer(0), body: .notification(try row.identifier(1)),
                    attempt: Int(try row.integer(2)))
            })
    }

    /// What attempts mean for those that wait.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func changeTurns(_ deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) throws {
        var (ended, retried): ([NotificationID], [Turn]) = ([], [])
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status != nil {
                ended.append(delivery.notification)
            } else {
                retried.append(
                    Turn(
                        notification: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false))
            }
        }
        set(retried)
        try endTurns(of: ended)
    }

    /// Puts redriven notifications behind all that their recipients have.
    func goLast(_ notifications: [(id: NotificationID, recipient: RecipientID)]) throws {
        guard !notifications.isEmpty else { return }
        let now = try currentMoment()
        let places = notifications.map { _ in IdentifierGenerator.shared.next(UserNotification.self, at: now) }
        session.later(
            """
            INSERT INTO delivery_turns (recipient, place, notification, tries, waits)
            SELECT recipient, place, id, 0, false
            FROM unnest(\(notifications.map(\.recipient)), \(places), \(notifications.map(\.id)))
                AS n (recipient, place, id)
            ON CONFLICT DO NOTHING
            """)
    }

    private struct Turn {
        let notification: NotificationID
        let recipient: RecipientID
        let tries: Int
        let waits: Bool
    }

    private func set(_ turns: [Turn]) {
        guard !turns.isEmpty else { return }
        // A notification can be named once in a statement. One that was tried since is left as it is.
        let turns = Dictionary(turns.map { ($0.notification, $0) }) { $1 }.values.sorted {
            $0.notification < $1.notification
        }
        session.later(
            """
            INSERT INTO delivery_turns (recipient, place, notification, tries, waits)
            SELECT recipient, id, id, tries, waits
            FROM unnest(
                \(turns.map(\.recipient)), \(turns.map(\.notification)), \(turns.map(\.tries)), \(turns.map(\.waits))
            ) AS t (recipient, id, tries, waits)
            ON CONFLICT (notification) DO UPDATE SET tries = excluded.tries, waits = excluded.waits
            WHERE delivery_turns.tries <= excluded.tries
            """)
    }
}
