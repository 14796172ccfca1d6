import Logging
public import SheafCore

/// A consumer of one of the queue's topics.
///
/// A message is committed once it and all before it in its partition are acknowledged. A message that is handed back is
/// kept and delivered again by this consumer.
public final class KafkaQueueConsumer: QueueConsumer {
    private let consumer: KafkaConsumer
    private let topic: Topic
    private let name: String
    private let topics: TopicCreation
    private let onPoison: KafkaQueue.PoisonHandler
    private let logger: Logger

    init(
        _ consumer: KafkaConsumer, topic: Topic, name: String, topics: TopicCreation,
        onPoison: @escaping KafkaQueue.PoisonHandler, logger: Logger
    ) {
        self.consumer = consumer
        self.topic = topic
        self.name = name
        self.topics = topics
        self.onPoison = onPoison
        self.logger = logger
    }

    /// - Throws: also the error of dead-lettering a record without a message; the record is then delivered again.
    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        try await topics.ensure()
        while true {
            let messages = try await read(consumer.receive(limit: limit))
            if !messages.isEmpty { return messages }
        }
    }

    public func acknowledge(_ messages: [ReceivedMessage]) async throws { consumer.finish(messages.map(place)) }

    public func nack(_ messages: [ReceivedMessage]) async { consumer.nack(messages.map(place)) }

    /// Commits acknowledged messages and leaves the group.
    public func close() async { await consumer.close() }

    private func read(_ records: [ReceivedRecord]) async throws -> [ReceivedMessage] {
        var messages: [ReceivedMessage] = []
        messages.reserveCapacity(records.count)
        for received in records {
            do throws(SheafError) {
                let message = try QueueMessageCodec.decode(received.record, topic: topic)
                messages.append(ReceivedMessage(message: message, position: MessagePosition(received)))
            } catch {
                do {
                    try await deadLetter(received, because: error)
                } catch {
                    consumer.nack(records.map(\.place))
                    throw error
                }
            }
        }
        return messages
    }

    private func deadLetter(_ received: ReceivedRecord, because error: SheafError) async throws {
        logger.error(
            "a record of the queue holds no message",
            metadata: [
                "topic": "\(received.record.topic)", "partition": "\(received.record.partition)",
                "offset": "\(received.record.offset)", "error": "\(error)",
            ])
        try await onPoison(received.record, error.description)
        consumer.finish([received.place])
    }

    private func place(of message: ReceivedMessage) -> Place {
        Place(
            partition: TopicPartition(topic: name, partition: message.position.kafkaPartition),
            generation: message.position.generation, offset: message.position.offset)
    }
}

/// The upper half of a position's partition is the generation, which distinguishes messages of earlier generations.
extension MessagePosition {
    init(_ received: ReceivedRecord) {
        self.init(
            partition: received.generation.number << 32 | Int64(received.record.partition),
            offset: received.record.offset)
    }

    var kafkaPartition: Int32 { Int32(truncatingIfNeeded: partition) }
    var generation: Generation { Generation(number: partition >> 32) }
}
