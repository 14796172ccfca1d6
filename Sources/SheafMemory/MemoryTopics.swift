import SheafCore

/// All topics of an outbox or a queue.
struct MemoryTopics: Sendable {
    private let eventOccurred: MemoryTopic
    private let notificationSend: MemoryTopic

    init() {
        eventOccurred = MemoryTopic()
        notificationSend = MemoryTopic()
    }

    /// Topics with the current messages of `other`.
    init(copying other: MemoryTopics) {
        eventOccurred = MemoryTopic(other.eventOccurred.snapshot)
        notificationSend = MemoryTopic(other.notificationSend.snapshot)
    }

    subscript(topic: Topic) -> MemoryTopic {
        switch topic {
        case .eventOccurred: eventOccurred
        case .notificationSend: notificationSend
        }
    }

    /// Applies a transaction's changes of the outbox, in order.
    func apply(_ changes: [OutboxChange], at now: Timestamp) {
        guard !changes.isEmpty else { return }
        for topic in Topic.allCases {
            self[topic].change { log in
                for change in changes {
                    switch change {
                    case .publish(let message): if message.topic == topic { log.append(message, at: now) }
                    case .acknowledge(let message):
                        if message.message.topic == topic { log.remove(message.position.offset) }
                    case .erase(let recipient): log.erase(recipient: recipient)
                    }
                }
            }
        }
    }
}

/// One change of the outbox in a transaction.
enum OutboxChange: Sendable {
    case publish(QueueMessage)
    case acknowledge(ReceivedMessage)
    case erase(RecipientID)
}
