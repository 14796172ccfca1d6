public import SheafCore
import Testing

/// An event source under test: an initially empty topic to which the test writes.
public protocol EventSourceHarness: DriverHarness {
    /// Writes records; those with the same key go to one partition, in this order. The source sets topic, partition,
    /// offset and time.
    func write(_ records: [SourceRecord]) async throws

    /// A reader of the topic, which it shares with the other open readers.
    func open() async throws -> any EventSource

    /// Closes a reader gracefully.
    func close(_ source: any EventSource) async
}

/// The conformance checks for drivers of ``EventSource``.
public enum EventSourceConformance {
    public typealias Check = ConformanceCheck<any EventSourceHarness>

    public static var checks: [Check] { reading + sharing }

    static var reading: [Check] {
        [
            Check("A record is received as it was written") { harness async throws in
                let records = [
                    sample(
                        key: "42", value: #"{"sale_id":7}"#, headers: [("ce_id", "a"), ("ce_id", "b"), ("empty", "")]),
                    sample(key: nil, value: "чайник"), sample(key: "", value: ""), sample(key: "43", value: nil),
                ]
                try await harness.write(records)
                let source = try await harness.open()
                let received = try await source.gather(4)
                for record in records {
                    let same = received.filter { $0.key == record.key && $0.value == record.value }
                    #expect(same.map(\.headers) == [record.headers])
                }
                #expect(received.allSatisfy { $0.timestamp != nil })
                await harness.close(source)
            },
            Check("Records with the same key keep their order, and batches keep to their limit") {
                harness async throws in
                try await harness.write((0..<300).map { sample(key: "\($0 % 7)", value: "\($0)") })
                let source = try await harness.open()
                var received: [SourceRecord] = []
                while received.count < 300 {
                    let batch = try await source.receive(limit: 50)
                    #expect((1...50).contains(batch.count))
                    received += batch
                }
                for key in 0..<7 {
                    let own = received.filter { $0.key == Array("\(key)".utf8) }.compactMap(\.number)
                    #expect(own == Array(stride(from: key, to: 300, by: 7)))
                }
                let offsets = Dictionary(grouping: received, by: \.partition).values.map { $0.map(\.offset) }
                #expect(offsets.allSatisfy { $0 == $0.sorted() && Set($0).count == $0.count })
                await harness.close(source)
            },
            Check("A waiting reader wakes when a record arrives, and its wait can be cancelled") {
                harness async throws in
                let source = try await harness.open()
                let waiting = Task { try await source.receive(limit: 10) }
                await letWait()
                waiting.cancel()
                let error = await failure(CancellationError.self) { try await waiting.outcome }
                #expect(error != nil)
                let next = Task { try await source.receive(limit: 10) }
                await letWait()
                try await harness.write([sample(key: "1", value: "1")])
                #expect(try await next.outcome.map(\.number) == [1])
                await harness.close(source)
            },
            Check("A reopened reader continues after the last commit") { harness async throws in
                try await harness.write(numbered(0..<40))
                let first = try await harness.open()
                let received = try await first.gather(40)
                try await first.commit(Array(received[..<25]))
                await harness.close(first)
                let second = try await harness.open()
                try await harness.write(numbered(40..<41))
                #expect(try await second.gather(16).compactMap(\.number) == Array(25..<41))
                await harness.close(second)
            },
            Check("A commit covers all records before it, and a later commit of earlier records undoes nothing") {
                harness async throws in
                try await harness.write(numbered(0..<30))
                let first = try await harness.open()
                let received = try await first.gather(30)
                try await first.commit([received[19]])
                try await first.commit(Array(received[..<5]))
                await harness.close(first)
                let second = try await harness.open()
                #expect(try await second.gather(10).compactMap(\.number) == Array(20..<30))
                await harness.close(second)
            },
            Check("A reopened reader receives uncommitted records again") { harness async throws in
                try await harness.write(numbered(0..<10))
                let first = try await harness.open()
                _ = try await first.gather(10)
                await harness.close(first)
                let second = try await harness.open()
                #expect(try await second.gather(10).compactMap(\.number) == Array(0..<10))
                await harness.close(second)
            },
        ]
    }

    /// Records with the same key, and so in one partition, that hold their numbers.
    static func numbered(_ numbers: Range<Int>) -> [SourceRecord] {
        numbers.map { sample(key: "42", value: "\($0)") }
    }

    static func sample(key: String?, value: String?, headers: [(String, String)] = []) -> SourceRecord {
        SourceRecord(
            topic: "", partition: 0, offset: 0, key: key.map { Array($0.utf8) }, value: value.map { Array($0.utf8) },
            headers: headers.map { SourceRecord.Header(name: $0, value: Array($1.utf8)) }, timestamp: nil)
    }
}

extension EventSource {
    /// The next `count` records.
    func gather(_ count: Int) async throws -> [SourceRecord] {
        var received: [SourceRecord] = []
        while received.count < count { received += try await receive(limit: count - received.count) }
        return received
    }
}

extension SourceRecord {
    /// The number in a sample record.
    var number: Int? { value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
}
