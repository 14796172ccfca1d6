import SheafCore

/// Counts how often messages were requested.
struct ObservedConsumer: QueueConsumer {
    private let base: any QueueConsumer
    private let calls = WakeUp()

    init(_ base: any QueueConsumer) { self.base = base }

    /// Waits until messages were requested this many times.
    func waitForCalls(_ count: UInt64) async { await calls.wait(after: count - 1) }

    func receive(limit: Int) async throws -> [ReceivedMessage] {
        calls.notify()
        return try await base.receive(limit: limit)
    }

    func acknowledge(_ messages: [ReceivedMessage]) async throws { try await base.acknowledge(messages) }

    func nack(_ messages: [ReceivedMessage]) async { await base.nack(messages) }
}
