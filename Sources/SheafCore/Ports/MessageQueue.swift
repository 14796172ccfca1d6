/// A queue with topics that delivers each message at least once.
public protocol MessageQueue: Sendable {
    /// Publishes messages; they are durable when this returns.
    func publish(_ messages: [QueueMessage]) async throws

    /// A consumer of `topic`. Several tasks may share it.
    func consumer(of topic: Topic) async throws -> any QueueConsumer

    /// The progress of the consumers of `topic`, for each partition.
    /// - Throws: if the queue does not answer within a few seconds.
    func progress(of topic: Topic) async throws -> [PartitionProgress]
}

/// The progress in one partition of a queue's topic. Message numbers only grow.
public struct PartitionProgress: Hashable, Sendable {
    public let partition: Int
    /// All messages before this one are acknowledged.
    public let handled: Int64
    /// The number that the next message will get.
    public let end: Int64

    public init(partition: Int, handled: Int64, end: Int64) {
        self.partition = partition
        self.handled = handled
        self.end = end
    }

    /// How many messages wait; an upper bound if the queue drops messages.
    public var waiting: Int { Int(clamping: max(0, end - handled)) }
}

/// One reader of a topic.
public protocol QueueConsumer: Sendable {
    /// The next messages that are due, at least one and at most `limit`; waits for them.
    ///
    /// This consumer does not deliver a message again until it is handed back.
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func receive(limit: Int) async throws -> [ReceivedMessage]

    /// Ends messages: they are never delivered again.
    func acknowledge(_ messages: [ReceivedMessage]) async throws

    /// Hands messages back for another delivery.
    func nack(_ messages: [ReceivedMessage]) async
}

/// A consumer of the outbox. The transaction that does a message's work can also acknowledge it.
public protocol OutboxConsumer: QueueConsumer {
    /// Call this once a transaction that acknowledged these messages by ``EventTransaction/acknowledge(_:)`` is durable.
    func forget(_ messages: [ReceivedMessage]) async
}
