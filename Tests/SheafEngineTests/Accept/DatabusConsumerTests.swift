import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("Reading events from the databus")
struct DatabusConsumerTests {
    private let clock = TestClock()
    private let source = ScriptedSource()
    private let memory: MemoryStore
    private let store: FaultyStore
    private let consumer: DatabusConsumer

    init() throws {
        memory = MemoryStore(clock: clock)
        store = FaultyStore(memory)
        let type = EventType(
            "shop_changed", code: 1, topic: "shop.changed", delivery: .immediate, factory: TestFactory())
        let ingest = Ingest(
            catalog: try LiveCatalog([type]), store: store, clock: clock, counters: StageCounters(clock: clock))
        consumer = DatabusConsumer(source, ingest: ingest, store: store)
    }

    private func running(_ body: () async throws -> Void) async throws {
        let task = Task { try await consumer.run() }
        try await body()
        task.cancel()
        _ = await task.result
    }

    private static func record(_ number: Int64) -> SourceRecord {
        .sample(#"{"seller_id":1,"text":"\#(number)"}"#, offset: number)
    }

    @Test("Events are stored before their records are committed, and once even if a record comes twice")
    func stored() async throws {
        let records = (0..<3).map { Self.record($0) }
        source.send(records + records)
        try await running {
            try await until("all are committed") { source.committed.count == 6 }
        }
        #expect(source.committed == records + records)
        #expect(try await memory.statistics().newEvents == 3)
    }

    @Test("An unreadable record is dead-lettered with its position, and its partition continues")
    func poison() async throws {
        source.send([Self.record(1), .sample("poison", offset: 2), Self.record(3)])
        try await running {
            try await until("all are committed") { source.committed.count == 3 }
        }
        #expect(try await memory.statistics().newEvents == 2)
        let letters = try await memory.deadLetters(after: nil, limit: 10)
        #expect(letters.map(\.topic) == ["shop.changed"])
        #expect(letters.map(\.message) == ["poison"])
        #expect(letters.allSatisfy { $0.error.hasPrefix("partition 3, offset 2: ") })
    }

    @Test("A tombstone is committed, and is neither an event nor a dead letter")
    func tombstone() async throws {
        source.send([Self.record(1), .sample(nil, offset: 2, key: "1"), Self.record(3)])
        try await running {
            try await until("all are committed") { source.committed.count == 3 }
        }
        #expect(try await memory.statistics().newEvents == 2)
        #expect(try await memory.deadLetters(after: nil, limit: 10).isEmpty)
    }

    @Test("Each event of a batch is stored or dead-lettered on its own, with the same letter on every read")
    func batch() async throws {
        func event(_ id: Int, _ recipient: String) -> String {
            """
            {"specversion":"1.0","id":"\(id)","source":"/s","type":"shop_changed","data":{"seller_id":\(recipient),"text":"a"}}
            """
        }
        let events = [event(1, "1"), event(2, "null"), #"{"data":{"seller_id":42}}"#, event(4, "1")]
        let record = SourceRecord.sample(
            "[" + events.joined(separator: ",") + "]", offset: 5,
            headers: ["content-type": "application/cloudevents-batch+json"])
        source.send([record, record])
        try await running {
            try await until("both are committed") { source.committed.count == 2 }
        }
        #expect(try await memory.statistics().newEvents == 2)
        let letters = try await memory.deadLetters(after: nil, limit: 10)
        #expect(Set(letters.map(\.message)) == Set(events[1...2]))
        #expect(Set(letters.map(\.recipient)) == [nil, 42])
        #expect(
            Set(letters.map { $0.error.prefix(30) }) == [
                "partition 3, offset 5, event 1", "partition 3, offset 5, event 2",
            ])
    }

    @Test("Batches that are too large for a transaction are stored in parts")
    func batches() async throws {
        let records = (0..<3).map { number in
            let events = (0..<900).map {
                #"{"specversion":"1.0","id":"\#(number)-\#($0)","source":"/s","type":"shop_changed","#
                    + #""data":{"seller_id":1,"text":"a"}}"#
            }
            return SourceRecord.sample("[" + events.joined(separator: ",") + "]", offset: Int64(number))
        }
        source.send(records)
        try await running {
            try await until("all are committed") { source.committed.count == 3 }
        }
        #expect(try await memory.statistics().newEvents == 2700)
        #expect(try await memory.deadLetters(after: nil, limit: 10).isEmpty)
    }

    @Test("Concurrent transactions keep each recipient's events in order")
    func lanes() async throws {
        let records = (0..<5000).map { SourceRecord.sample(#"{"seller_id":\#($0 % 5),"text":"a"}"#, offset: $0) }
        source.send(records)
        try await running {
            try await until("all are committed") { source.committed.count == records.count }
        }
        for recipient in 0..<5 {
            let events = try await memory.events(of: RecipientID(recipient), after: nil, limit: 1000).items.map(
                \.stored)
            let offsets = events.compactMap { $0.event.producerID?.split(separator: "/").last }.compactMap { Int($0) }
            #expect(offsets == stride(from: 4995 + recipient, through: 0, by: -5).map(\.self))
            // Events are stored in the order of their windows' numbers.
            let windows = events.compactMap(\.window)
            #expect(windows.count == 1000 && windows == windows.sorted(by: >))
        }
    }

    @Test(
        "The dead letter of a record names its recipient if known, so that it is erased with the recipient",
        arguments: [
            (#"{"seller_id":42,"text":7}"#, nil, 42),
            (#"{"seller_id":"42","text":7}"#, nil, 42),
            (#"{"specversion":"1.0","id":"1","source":"s","type":"nobody's","data":{"recipient_id":42}}"#, "7", 42),
            (#"{"specversion":"0.3","data":{"seller_id":-42}}"#, "7", -42),
            ("poison", "42", 42), (#"{"text":"a"}"#, "42", 42), ("poison", "shop-42", nil), ("poison", nil, nil),
            (#"[{"seller_id":42}]"#, nil, nil),
        ] as [(String, String?, RecipientID?)])
    func recipient(value: String, key: String?, recipient: RecipientID?) async throws {
        source.send([.sample(value, offset: 1, key: key)])
        try await running {
            try await until("it is committed") { source.committed.count == 1 }
        }
        #expect(try await memory.deadLetters(after: nil, limit: 10).map(\.recipient) == [recipient])
        if let recipient {
            _ = try await memory.transaction("test") { try $0.erase(recipient: recipient, limit: 100) }
            #expect(try await memory.deadLetters(after: nil, limit: 10).isEmpty)
        }
    }

    @Test("While the store is down nothing is committed, and received records are stored when it is back")
    func away() async throws {
        store.fail(["ingest"])
        source.send([Self.record(1), Self.record(2)])
        await #expect(throws: (any Error).self) { try await consumer.run() }
        #expect(source.committed.isEmpty)
        store.fail([])
        try await running {
            try await until("all are committed") { source.committed.count == 2 }
        }
        #expect(try await memory.statistics().newEvents == 2)
    }
}
