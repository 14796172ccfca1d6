import Logging
import SheafCore
import SheafEngine
public import SheafKafka

// The queue and the business topics, where they are on Kafka.

extension Container {
    /// `nil` where the outbox is the queue.
    public var queue: KafkaQueue? {
        get throws {
            guard case .kafka(let url) = settings.queue.url else { return nil }
            return try part(close: { await $0.close() }) {
                let store = try store
                return try KafkaQueue(kafkaOptions(url), logger: logger) { record, problem in
                    try await store.refuse([
                        RecordRefusal(record, reason: "unreadable", error: problem, recipient: record.likelyRecipient)
                    ])
                }
            }
        }
    }

    /// `nil` where no business topics are read.
    public var databus: KafkaEventSource? {
        get throws {
            guard let url = settings.databus.url else { return nil }
            return try part(close: { await $0.close() }) {
                try KafkaEventSource(
                    kafkaOptions(url), topics: try catalog.types.compactMap(\.topic), logger: logger)
            }
        }
    }

    func kafkaOptions(_ url: KafkaURL) -> KafkaOptions {
        KafkaOptions(
            brokers: url.bootstrapServers, group: settings.kafka.group, topicPrefix: settings.kafka.topicPrefix,
            options: settings.kafka.options.mapValues(\.exposed))
    }
}
