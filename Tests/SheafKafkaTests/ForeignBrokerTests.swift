import Foundation
import SheafCore
import SheafKafka
import SheafTesting
import Testing

/// Tansu shares no code with librdkafka, and kcat none with Sheaf.
@Suite(
    "Other implementations of Kafka's protocol", .enabled(if: !ForeignBroker.isSkipped, "SHEAF_TEST_SKIP names kafka"))
struct ForeignBrokerTests {
    @Test("The queue conforms to its port", .timeLimit(.minutes(2)), arguments: MessageQueueConformance.prompt)
    func queue(_ check: MessageQueueConformance.Check) async throws {
        try await KafkaQueueHarness(ForeignBroker.options()).use { try await check.run(on: $0) }
    }

    @Test("The event source conforms to its port", .timeLimit(.minutes(2)), arguments: EventSourceConformance.checks)
    func source(_ check: EventSourceConformance.Check) async throws {
        try await KafkaSourceHarness(ForeignBroker.options()).use { try await check.run(on: $0) }
    }

    @Test("Topics are created once, with the requested partitions", .timeLimit(.minutes(1)))
    func topics() async throws {
        let options = try ForeignBroker.options()
        let admin = try KafkaAdmin(options, logger: quiet)
        let topic = options.topicName(.eventOccurred)
        for _ in 0..<2 { try await admin.ensure(topics: [topic], partitions: 5) }
        #expect(try await admin.check().count == 1)
        await admin.close()
        let listing = try await ForeignBroker.kcat(options, ["-L", "-t", topic])
        #expect(listing.contains("\"\(topic)\" with 5 partitions"))
    }

    @Test("Business events that kcat writes are read with key, headers and time", .timeLimit(.minutes(1)))
    func readingFromKcat() async throws {
        let options = try ForeignBroker.options()
        let harness = try await KafkaSourceHarness(options)
        let written = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let value = #"{"sale_id":7,"item_id":1001,"seller_id":42}"#
        _ = try await ForeignBroker.kcat(
            options, ["-P", "-t", harness.topic, "-K", "\t", "-H", "ce_id=a-1", "-H", "traceparent=00-0af7-b7ad-01"],
            input: "42\t\(value)\n42\t{}\n")
        let source = try await harness.open()
        var records: [SourceRecord] = []
        while records.count < 2 { records += try await source.receive(limit: 10) }
        #expect(records.map(\.key) == [Array("42".utf8), Array("42".utf8)])
        #expect(records.map(\.value) == [Array(value.utf8), Array("{}".utf8)])
        #expect(records[0].headers.map(\.name) == ["ce_id", "traceparent"])
        #expect(records[0].headers.map(\.value) == [Array("a-1".utf8), Array("00-0af7-b7ad-01".utf8)])
        let timestamp = try #require(records[0].timestamp)
        #expect(abs((timestamp - written).seconds) < 60)
        await harness.close(source)
        await harness.tearDown()
    }

    @Test("kcat reads published records with key and headers", .timeLimit(.minutes(1)))
    func writingToKcat() async throws {
        let options = try ForeignBroker.options()
        let topic = options.topicName(.eventOccurred)
        let harness = try KafkaQueueHarness(options)
        let id = try #require(EventID("018f0000-0000-7000-8000-00000000002a"))
        try await harness.queue.publish([QueueMessage(key: 42, body: .event(id), attempt: 2)])
        let producer = try KafkaProducer(options, logger: quiet)
        try await producer.send([
            KafkaRecord(
                topic: topic, key: Array("42".utf8), value: Array("x".utf8),
                headers: [SourceRecord.Header(name: "traceparent", value: Array("00-1".utf8))])
        ])
        let read = try await ForeignBroker.kcat(
            options, ["-C", "-t", topic, "-o", "beginning", "-e", "-f", #"%k|%s|%h\n"#])
        let lines = [#"42|{"id":"018f0000-0000-7000-8000-00000000002a","attempt":2}|"#, "42|x|traceparent=00-1"]
        #expect(read.split(separator: "\n").map(String.init) == lines)
        await producer.close()
        await harness.tearDown()
    }
}
