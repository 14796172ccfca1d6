import SheafCore

/// The order in which one recipient's notifications are sent.
extension MemoryTransaction {
    func hold(_ messages: [QueueMessage]) throws {
        for message in messages {
            guard case .notification(let id) = message.body else { continue }
            // One that was tried since is not the one that the message asks for.
            guard message.attempt >= tables.turns[id]?.tries ?? 0 else { continue }
            setTurn(of: id, recipient: message.key, tries: message.attempt, waits: true)
        }
    }

    func release(_ recipients: Set<RecipientID>, after ended: [QueueMessage]) throws {
        for message in ended {
            if case .notification(let id) = message.body { set(nil, for: id, in: \.turns) }
        }
        for recipient in recipients.union(ended.map(\.key)) {
            guard case (let id, var turn)? = tables.firstTurn(of: recipient), turn.waits else { continue }
            turn.waits = false
            set(turn, for: id, in: \.turns)
            try publish([QueueMessage(key: recipient, body: .notification(id), attempt: turn.tries)])
        }
    }

    /// What attempts mean for those that wait.
    /// - Parameter pending: the notifications that were pending, and their recipients.
    func changeTurns(_ deliveries: [DeliveryRecord], of pending: [NotificationID: RecipientID]) throws {
        var ended: Set<RecipientID> = []
        for delivery in deliveries {
            guard let recipient = pending[delivery.notification] else { continue }
            if delivery.attempt.outcome.status == nil {
                setTurn(of: delivery.notification, recipient: recipient, tries: delivery.tries, waits: false)
            } else if delivery.isInLine {
                set(nil, for: delivery.notification, in: \.turns)
                ended.insert(recipient)
            }
        }
        try release(ended, after: [])
    }

    private func setTurn(of id: NotificationID, recipient: RecipientID, tries: Int, waits: Bool) {
        let place = tables.turns[id]?.place ?? id
        set(MemoryTurn(recipient: recipient, place: place, tries: tries, waits: waits), for: id, in: \.turns)
    }
}
