import SheafCore

/// The order in which one recipient's notifications are sent.
extension MemoryTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        for message in messages {
            guard case .notification(let id) = message.body else { continue }
            // If an attempt was recorded since, the message is an old one.
            guard message.attempt >= tables.turns[id]?.tries ?? 0 else { continue }
            let first = tables.firstTurn(of: message.key)?.turn.place
            let waits = first.map { $0 < tables.turns[id]?.place ?? id } ?? false
            setTurn(of: id, recipient: message.key, tries: message.attempt, waits: waits)
            if !waits { try publish([message]) }
        }
    }

    func release(after ended: [QueueMessage]) throws {
        try endTurns(of: ended.compactMap(\.body.notificationID))
    }

    /// Updates the waiting notifications after attempts.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func changeTurns(_ deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) throws {
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status == nil {
                setTurn(of: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false)
            } else {
                try endTurns(of: [delivery.notification])
            }
        }
    }

    private func endTurns(of ids: [NotificationID]) throws {
        for id in ids {
            guard let ended = tables.turns[id] else { continue }
            set(nil, for: id, in: \.turns)
            guard case (let next, var turn)? = tables.firstTurn(of: ended.recipient), turn.waits else { continue }
            turn.waits = false
            set(turn, for: next, in: \.turns)
            try publish([QueueMessage(key: turn.recipient, body: .notification(next), attempt: turn.tries)])
        }
    }

    private func setTurn(of id: NotificationID, recipient: RecipientID, tries: Int, waits: Bool) {
        let place = tables.turns[id]?.place ?? id
        set(MemoryTurn(recipient: recipient, place: place, tries: tries, waits: waits), for: id, in: \.turns)
    }
}
