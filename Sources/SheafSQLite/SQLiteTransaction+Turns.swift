import GRDB
import SheafCore

/// The order in which one recipient's notifications are sent.
extension SQLiteTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        for message in messages {
            guard case .notification(let id) = message.body else { continue }
            try setTurn(of: id, recipient: message.key, tries: message.attempt, waits: true)
        }
    }

    func release(_ recipients: Set<RecipientID>, after ended: [QueueMessage]) throws {
        for message in ended {
            try database.run("DELETE FROM delivery_turns WHERE notification = ?", message.body)
        }
        try release(recipients.union(ended.map(\.key)))
    }

    private func release(_ recipients: Set<RecipientID>) throws {
        let first = try PreparedStatement(
            "SELECT notification, tries, waits FROM delivery_turns WHERE recipient = ? ORDER BY place LIMIT 1",
            in: database)
        for recipient in recipients {
            let turn: (id: NotificationID, tries: Int)? = try first.first(recipient) { columns in
                guard columns.integer(2) == 1, let id: NotificationID = columns.identifier(0) else { return nil }
                return (id, Int(columns.integer(1)))
            }
            guard let turn else { continue }
            try database.run("UPDATE delivery_turns SET waits = 0 WHERE notification = ?", turn.id)
            try publish([QueueMessage(key: recipient, body: .notification(turn.id), attempt: turn.tries)])
        }
    }

    /// What attempts mean for those that wait.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func changeTurns(_ deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) throws {
        let remove = try PreparedStatement("DELETE FROM delivery_turns WHERE notification = ?", in: database)
        var ended: Set<RecipientID> = []
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status == nil {
                try setTurn(of: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false)
            } else if delivery.isInLine {
                try remove.run(delivery.notification)
                ended.insert(recipient)
            }
        }
        try release(ended)
    }

    /// Puts a redriven notification behind all that the recipient has.
    func goLast(_ id: NotificationID, of recipient: RecipientID) throws {
        try database.run(
            "INSERT INTO delivery_turns (recipient, place, notification, tries, waits) VALUES (?, ?, ?, 0, 0)",
            recipient, IdentifierGenerator.shared.next(UserNotification.self, at: now), id)
    }

    /// A notification that was tried since is left as it is.
    private func setTurn(of id: NotificationID, recipient: RecipientID, tries: Int, waits: Bool) throws {
        try database.run(
            """
            INSERT INTO delivery_turns (recipient, place, notification, tries, waits) VALUES (?1, ?2, ?2, ?3, ?4)
            ON CONFLICT (notification) DO UPDATE SET tries = ?3, waits = ?4 WHERE tries <= ?3
            """,
            recipient, id, tries, waits ? 1 : 0)
    }
}
