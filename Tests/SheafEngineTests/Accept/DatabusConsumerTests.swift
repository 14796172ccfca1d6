import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("Databus: taking events in")
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
            catalog: try EventCatalog([type]), store: store, clock: clock, counters: StageCounters(clock: clock))
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

    @Test("Events are stored before their records are committed, each once though a record comes twice")
    func stored() async throws {
        let records = (0..<3).map { Self.record($0) }
        source.send(records + records)
        try await running {
            try await until("all are committed") { source.committed.count == 6 }
        }
        #expect(source.committed == records + records)
        #expect(try await memory.statistics().newEvents == 3)
    }

    @Test("A record that cannot be read goes to the dead letters with its place, and its partition goes on")
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

    @Test(
        "The dead letter of a record names its recipient where that can be told, so that it is erased with the rest",
        arguments: [
            (#"{"seller_id":42,"text":7}"#, nil, 42),
            (#"{"seller_id":"42","text":"a"}"#, nil, 42),
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

    @Test("While the store is away nothing is committed, and what was received is stored when it is back")
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
