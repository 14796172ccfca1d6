public import Logging
public import SheafCore

/// The queue on Kafka: a topic for each of Sheaf's, keyed by the recipient.
///
/// Kafka cannot delay messages: those with a delay wait in the outbox and are published when due.
public final class KafkaQueue: MessageQueue {
    /// Handles a record that holds no message, with a description of the problem. Once it returns, the record is never
    /// delivered again.
    public typealias PoisonHandler = @Sendable (SourceRecord, String) async throws -> Void

    private let options: KafkaOptions
    private let producer: KafkaProducer
    private let topics: TopicCreation
    private let progress: ProgressReader
    private let departures = Departures()
    private let onPoison: PoisonHandler
    private let logger: Logger

    /// - Parameters:
    ///   - partitions: the number of partitions for topics that are created.
    ///   - onPoison: handles a record that holds no message.
    /// - Throws: ``SheafError`` `invalid` if a setting is wrong. Connects on first use.
    public init(
        _ options: KafkaOptions, partitions: Int = KafkaAdmin.defaultPartitions, logger: Logger,
        onPoison: @escaping PoisonHandler
    ) throws(SheafError) {
        self.options = options
        self.onPoison = onPoison
        self.logger = logger
        producer = try KafkaProducer(options, logger: logger)
        progress = ProgressReader(options, logger: logger)
        topics = TopicCreation(
            Topic.allCases.map { options.topicName($0) }, partitions: partitions, options: options, logger: logger)
    }

    /// The producer's current problem; `nil` if none is known.
    public var trouble: String? { producer.trouble }

    /// - Throws: ``SheafError`` `invalid` for a message with a delay; `unavailable` if the brokers cannot be reached.
    public func publish(_ messages: [QueueMessage]) async throws {
        guard messages.allSatisfy({ $0.delay <= .zero }) else {
            throw SheafError(.invalid, field: "delay", "Kafka cannot delay a message")
        }
        guard !messages.isEmpty else { return }
        try await topics.ensure()
        let names = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, options.topicName($0)) })
        try await producer.send(
            messages.map { QueueMessageCodec.encode($0, topic: names[$0.topic] ?? options.topicName($0.topic)) })
    }

    /// A consumer in the topic's group, which shares the topic with consumers of other processes. It leaves the group
    /// when it is closed or released.
    public func consumer(of topic: Topic) async throws -> any QueueConsumer {
        try makeConsumer(of: topic)
    }

    /// The same, but with a `close()`.
    public func makeConsumer(of topic: Topic) throws(SheafError) -> KafkaQueueConsumer {
        let name = options.topicName(topic)
        let consumer = try KafkaConsumer(
            options, group: options.groupName(topic), topics: { [name] }, departures: departures, logger: logger)
        return KafkaQueueConsumer(
            consumer, topic: topic, name: name, topics: topics, onPoison: onPoison, logger: logger)
    }

    /// The progress of the topic's group.
    ///
    /// - Throws: ``SheafError`` `unavailable` if the brokers cannot be reached.
    public func progress(of topic: Topic) async throws -> [PartitionProgress] {
        try await topics.ensure()
        return try await progress.progress(of: topic)
    }

    /// Sends records in flight and ends.
    public func close() async {
        await progress.close()
        await producer.close()
    }
}
