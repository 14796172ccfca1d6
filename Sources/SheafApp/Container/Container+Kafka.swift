import Logging
import SheafCore
import SheafEngine
public import SheafKafka

// The queue and the business topics, if they are on Kafka.

extension Container {
    /// `nil` if the outbox is the queue.
    public var queue: KafkaQueue? {
        get async throws {
            guard case .kafka(let url) = settings.queue.url else { return nil }
            return try await part(close: { await $0.close() }) {
                let store = try await store
                return try KafkaQueue(kafkaOptions(url), logger: logger) { record, problem in
                    try await store.refuse([
                        RecordRefusal(record, reason: "unreadable", error: problem, recipient: record.likelyRecipient)
                    ])
                }
            }
        }
    }

    /// `nil` if no business topics are read.
    public var databus: KafkaEventSource? {
        get async throws {
            guard let url = settings.databus.url else { return nil }
            return try await part(close: { await $0.close() }) {
                let catalog = try await catalog
                return try KafkaEventSource(
                    kafkaOptions(url), topics: { catalog.current.types.compactMap(\.topic) }, logger: logger)
            }
        }
    }

    func kafkaOptions(_ url: KafkaURL) -> KafkaOptions {
        KafkaOptions(
            brokers: url.bootstrapServers, group: settings.kafka.group, topicPrefix: settings.kafka.topicPrefix,
            options: settings.kafka.options.mapValues(\.exposed))
    }
}

extension Settings {
    /// The brokers that a process with these roles needs, by the part that needs them.
    func brokers(of roles: Set<Role>) -> [(part: String, url: KafkaURL)] {
        var brokers: [(part: String, url: KafkaURL)] = []
        if case .kafka(let url) = queue.url { brokers.append(("queue", url)) }
        if roles.contains(.databus), let url = databus.url { brokers.append(("databus", url)) }
        return brokers
    }
}
