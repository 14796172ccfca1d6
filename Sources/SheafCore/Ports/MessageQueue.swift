/// A queue with topics, which hands each message out at least once.
public protocol MessageQueue: Sendable {
    /// Hands messages over; they are durable when this returns.
    func publish(_ messages: [QueueMessage]) async throws

    /// A consumer of `topic`. Several tasks may share it.
    func consumer(of topic: Topic) async throws -> any QueueConsumer
}

/// One reader of a topic.
public protocol QueueConsumer: Sendable {
    /// The next messages that are due, at least one and at most `limit`; waits for them.
    ///
    /// A message handed out is not handed out again by this consumer until it is returned.
    /// - Throws: `CancellationError` where the task is cancelled while it waits.
    func receive(limit: Int) async throws -> [ReceivedMessage]

    /// Ends messages: they are never handed out again.
    func acknowledge(_ messages: [ReceivedMessage]) async throws

    /// Gives messages back, to be handed out again.
    func giveBack(_ messages: [ReceivedMessage]) async
}
