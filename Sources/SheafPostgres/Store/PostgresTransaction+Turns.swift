import SheafCore

/// The order in which one recipient's notifications are sent.
extension PostgresTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        let held = messages.compactMap { message -> Turn? in
            guard case .notification(let id) = message.body else { return nil }
            return Turn(notification: id, recipient: message.key, tries: message.attempt, waits: true)
        }
        set(held)
    }

    func release(_ recipients: Set<RecipientID>, after ended: [QueueMessage]) throws {
        if !ended.isEmpty {
            session.later("DELETE FROM delivery_turns WHERE notification = ANY(\(ended.map(\.body)))")
        }
        try release(recipients.union(ended.map(\.key)))
    }

    private func release(_ recipients: Set<RecipientID>) throws {
        guard !recipients.isEmpty else { return }
        let released = try session.rows(
            """
            UPDATE delivery_turns t SET waits = false
            FROM unnest(\(recipients.sorted())) AS r (recipient)
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
        var (ended, retried): ([NotificationID: RecipientID], [Turn]) = ([:], [])
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status != nil {
                guard delivery.isInLine else { continue }
                ended[delivery.notification] = recipient
            } else {
                retried.append(
                    Turn(
                        notification: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false))
            }
        }
        set(retried)
        guard !ended.isEmpty else { return }
        session.later("DELETE FROM delivery_turns WHERE notification = ANY(\(Array(ended.keys)))")
        try release(Set(ended.values))
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
