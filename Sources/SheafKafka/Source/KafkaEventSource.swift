public import Logging
public import SheafCore

/// Business topics of Kafka, read as one member of the group `kafka.group`.
public final class KafkaEventSource: EventSource {
    private let consumer: KafkaConsumer

    /// - Parameter topics: returns their names in Kafka; called again every second, since types with topics come and
    ///   go.
    /// - Throws: ``SheafError`` `invalid` if a setting is wrong. Connects on first use.
    public init(_ options: KafkaOptions, topics: @escaping @Sendable () -> [String], logger: Logger) throws(SheafError)
    {
        consumer = try KafkaConsumer(options, group: options.group, topics: topics, logger: logger)
    }

    /// - Throws: ``SheafError`` if the consumer failed for good; the next call starts again.
    public func receive(limit: Int) async throws -> [SourceRecord] {
        try await consumer.receive(limit: limit).map(\.record)
    }

    /// The offsets are committed within about a second, and when a partition is revoked or the source is closed.
    public func commit(_ records: [SourceRecord]) async throws {
        let offsets = records.map { (TopicPartition($0), $0.offset) }
        consumer.finish(through: Dictionary(offsets, uniquingKeysWith: max))
    }

    /// Commits durable records and leaves the group.
    public func close() async { await consumer.close() }
}
