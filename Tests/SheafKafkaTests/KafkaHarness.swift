import Foundation
import Logging
import SheafCore
import SheafKafka
import SheafTesting
import Testing

/// The log of tests: silent unless SHEAF_TEST_LOG is set.
let quiet = Logger(label: "test") { label in
    guard ProcessInfo.processInfo.environment["SHEAF_TEST_LOG"] != nil else { return SwiftLogNoOpLogHandler() }
    var handler = StreamLogHandler.standardError(label: label)
    handler.logLevel = .trace
    return handler
}

/// Lets real time pass.
protocol RealTimeHarness: DriverHarness {}

extension RealTimeHarness {
    var tick: Duration { .milliseconds(100) }
    var margin: Duration { .milliseconds(50) }

    func advance(by duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// The queue, with its own topics and groups.
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

/// An event source, with its own topic and group.
final class KafkaSourceHarness: EventSourceHarness, RealTimeHarness {
    /// The topic's name after the prefix.
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

/// Expects a value returned by a mutating call, which the macro does not accept.
func expectEqual<Value: Equatable>(
    _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, sourceLocation: sourceLocation)
}
