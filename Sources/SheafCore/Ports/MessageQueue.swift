/// A queue with topics, which hands each message out at least once.
public protocol MessageQueue: Sendable {
    /// Hands messages over; they are durable when this returns.
    func publish(_ messages: [QueueMessage]) async throws

    /// A consumer of `topic`. Several tasks may share it.
    func consumer(of topic: Topic) async throws -> any QueueConsumer

    /// How far the consumers of `topic` are, in each of its partitions.
    /// - Throws: where the queue does not answer within a few seconds.
    func progress(of topic: Topic) async throws -> [PartitionProgress]
}

/// How far a partition of a queue's topic is read. Numbers of messages only grow.
public struct PartitionProgress: Hashable, Sendable {
    public let partition: Int
    /// All messages before this one are acknowledged.
    public let handled: Int64
    /// The number of the next message that is written.
    public let end: Int64

    public init(partition: Int, handled: Int64, end: Int64) {
        self.partition = partition
        self.handled = handled
        self.end = end
    }

    /// Messages that wait; may be more than there are where a queue drops messages.
    public var waiting: Int { Int(clamping: max(0, end - handled)) }
}

/// One reader of a topic.
public protocol QueueConsumer: Sendable {
    /// The next messages that are due, at least one and at most `limit`; waits for them.
    ///
    /// A message handed out is not handed out again by this consumer until it is returned.
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func receive(limit: Int) async throws -> [ReceivedMessage]

    /// Ends messages: they are never handed out again.
    func acknowledge(_ messages: [ReceivedMessage]) async throws

    /// Hands messages back, to be handed out again.
    func nack(_ messages: [ReceivedMessage]) async
}

/// A reader of the outbox. Its messages can also be acknowledged by the transaction that does their work.
public protocol OutboxConsumer: QueueConsumer {
    /// Notes that a transaction which called ``PathTransaction/acknowledge(_:)`` with these messages is durable.
    func forget(_ messages: [ReceivedMessage]) async
}
