import SheafCore

/// Moves messages from the outbox to the queue, at least once: a handler that publishes.
struct RelayHandler: Handler {
    private let queue: any MessageQueue

    init(to queue: any MessageQueue) { self.queue = queue }

    func handle(_ messages: [ReceivedMessage]) async throws {
        // A message that was delayed in the outbox is due now.
        try await queue.publish(
            messages.map { QueueMessage(key: $0.message.key, body: $0.message.body, attempt: $0.message.attempt) })
    }
}
