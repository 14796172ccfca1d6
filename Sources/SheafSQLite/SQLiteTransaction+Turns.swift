import GRDB
import SheafCore

/// The order in which one recipient's notifications are sent.
extension SQLiteTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        for message in messages {
            guard case .notification(let id) = message.body else { continue }
            let own: (place: NotificationID?, tries: Int)? = try database.first(
                "SELECT place, tries FROM delivery_turns WHERE notification = ?", id
            ) { ($0.identifier(0), Int($0.integer(1))) }
            // If an attempt was recorded since, the message is an old one.
            guard message.attempt >= own?.tries ?? 0 else { continue }
            let place = own?.place ?? id
            let waits =
                try database.first(
                    "SELECT 1 FROM delivery_turns WHERE recipient = ? AND place < ? LIMIT 1", message.key, place
                ) { _ in true } ?? false
            try setTurn(of: id, recipient: message.key, tries: message.attempt, waits: waits)
            if !waits { try publish([message]) }
        }
    }

    func release(after ended: [QueueMessage]) throws {
        try endTurns(of: ended.compactMap(\.body.notificationID))
    }

    /// Updates the waiting notifications after attempts.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func changeTurns(_ deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) throws {
        var ended: [NotificationID] = []
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status == nil {
                try setTurn(of: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false)
            } else {
                ended.append(delivery.notification)
            }
        }
        try endTurns(of: ended)
    }

    private func endTurns(of ids: [NotificationID]) throws {
        let remove = try PreparedStatement(
            "DELETE FROM delivery_turns WHERE notification = ? RETURNING recipient", in: database)
        for id in ids {
            if let recipient = try remove.first(id, map: { $0.integer(0) }) { try releaseFirst(of: recipient) }
        }
    }

    private func releaseFirst(of recipient: RecipientID) throws {
        let turn: (id: NotificationID, tries: Int)? = try database.first(
            "SELECT notification, tries, waits FROM delivery_turns WHERE recipient = ? ORDER BY place LIMIT 1",
            recipient
        ) { columns in
            guard columns.integer(2) == 1, let id: NotificationID = columns.identifier(0) else { return nil }
            return (id, Int(columns.integer(1)))
        }
        guard let turn else { return }
        try database.run("UPDATE delivery_turns SET waits = 0 WHERE notification = ?", turn.id)
        try publish([QueueMessage(key: recipient, body: .notification(turn.id), attempt: turn.tries)])
    }

    /// Puts a redriven notification after all others of the recipient.
    func goLast(_ id: NotificationID, of recipient: RecipientID) throws {
        try database.run(
            "INSERT INTO delivery_turns (recipient, place, notification, tries, waits) VALUES (?, ?, ?, 0, 0)",
            recipient, IdentifierGenerator.shared.next(UserNotification.self, at: now), id)
    }

    /// Sets the turn of a notification, unless an attempt was recorded since.
    private func setTurn(of id: NotificationID, recipient: RecipientID, tries: Int, waits: Bool) throws {
        try database.run(
            """
            INSERT INTO delivery_turns (recipient, place, notification, tries, waits) VALUES (?1, ?2, ?2, ?3, ?4)
            ON CONFLICT (notification) DO UPDATE SET tries = ?3, waits = ?4 WHERE tries <= ?3
            """,
            recipient, id, tries, waits ? 1 : 0)
    }
}
