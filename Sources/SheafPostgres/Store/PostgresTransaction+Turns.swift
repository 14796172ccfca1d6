import SheafCore

/// The order in which one recipient's notifications are sent.
extension PostgresTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        let messages = Dictionary(messages.map { ($0.body, $0) }) { $1 }.values.sorted { $0.key < $1.key }
        guard !messages.isEmpty else { return }
        // The first of each recipient is locked, so that it ends either before or after this. If an attempt was
        // recorded since, the message is an old one.
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
        guard !ended.isEmpty else { return }
        let recipients = try session.rows(
            "DELETE FROM delivery_turns WHERE notification = ANY(\(ended.map(\.body))) RETURNING recipient")
        try releaseFirst(of: Set(try recipients.map { try $0.integer(0) }))
    }

    /// Publishes the message of the first waiting notification. This must be a later statement than the one that ended
    /// its predecessor, so that it sees what was held before that.
    func releaseFirst(of recipients: Set<RecipientID>) throws {
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

    /// Makes the recipients' later notifications wait for the attempts that are to be retried.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func wait(for deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) {
        set(
            deliveries.compactMap { delivery in
                guard let recipient = pending[delivery.notification], delivery.attempt.outcome.status == nil else {
                    return nil
                }
                return Turn(
                    notification: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false)
            })
    }

    /// Puts redriven notifications after all others of their recipients.
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
        // A statement can name a notification only once. One with an attempt recorded since is left as it is.
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
