import Foundation
import Logging
import SheafCore
import SheafKafka
import SheafTesting
import Testing

/// What tests log, which is nothing unless SHEAF_TEST_LOG is set.
let quiet = Logger(label: "test") { label in
    guard ProcessInfo.processInfo.environment["SHEAF_TEST_LOG"] != nil else { return SwiftLogNoOpLogHandler() }
    var handler = StreamLogHandler.standardError(label: label)
    handler.logLevel = .trace
    return handler
}

/// Waits as they really pass.
protocol RealTimeHarness: DriverHarness {}

extension RealTimeHarness {
    var tick: Duration { .milliseconds(100) }
    var margin: Duration { .milliseconds(50) }

    func advance(by duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// The queue, with topics and groups of its own.
final class KafkaQueueHarness: MessageQueueHarness, RealTimeHarness {
    let kafkaQueue: KafkaQueue
    var queue: any MessageQueue { kafkaQueue }

    init(_ options: KafkaOptions) throws {
        kafkaQueue = try KafkaQueue(options, logger: quiet) { record, error in
            throw SheafError(.badPayload, "\(record.topic): \(error)")
        }
    }

    func tearDown() async { await kafkaQueue.close() }
}

/// An event source, with a topic and a group of its own.
final class KafkaSourceHarness: EventSourceHarness, RealTimeHarness {
    /// The name of the topic behind the prefix.
    static let topicName = "business"

    let topic: String
    private let options: KafkaOptions
    private let producer: KafkaProducer

    init(_ options: KafkaOptions) async throws {
        self.options = options
        topic = options.topicPrefix + Self.topicName
        producer = try KafkaProducer(options, logger: quiet)
        let admin = try KafkaAdmin(options, logger: quiet)
        try await admin.ensure(topics: [topic], partitions: 4)
        await admin.close()
    }

    func write(_ records: [SourceRecord]) async throws {
        try await producer.send(
            records.map { KafkaRecord(topic: topic, key: $0.key, value: $0.value, headers: $0.headers) })
    }

    func open() async throws -> any EventSource {
        let topics = [topic]
        return try KafkaEventSource(options, topics: { topics }, logger: quiet)
    }

    func close(_ source: any EventSource) async { await (source as? KafkaEventSource)?.close() }

    func tearDown() async { await producer.close() }
}

/// Expects a value that comes of a change, which the macro does not take.
func expectEqual<Value: Equatable>(
    _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, sourceLocation: sourceLocation)
}
