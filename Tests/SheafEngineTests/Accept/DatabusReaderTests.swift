import SheafCore
import SheafEngine
import Testing

@Suite("Databus: reading records")
struct DatabusReaderTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func entries(_ record: SourceRecord) -> [EventReader.Entry] {
        DatabusReader(catalog: nil).entries(in: record).map(\.entry)
    }

    /// The only event of the record.
    private func event(_ record: SourceRecord) throws -> IncomingEvent {
        let entries = entries(record)
        try #require(entries.count == 1)
        return try entries[0].get()
    }

    private func fault(_ record: SourceRecord) -> SheafError? {
        if case .failure(let error)? = entries(record).first { error } else { nil }
    }

    @Test("In plain JSON the whole object is data, the seller is the recipient, and the position is the id")
    func plain() throws {
        let event = try event(.sample(#"{"text":"a","seller_id":42}"#, offset: 17))
        #expect(event.type == "shop.changed")
        #expect(event.recipient == 42)
        #expect(event.producerID == "shop.changed/3/17")
        #expect(event.data == #"{"text":"a","seller_id":42}"#)
    }

    @Test("A byte order mark before the value is ignored")
    func byteOrderMark() throws {
        #expect(try event(.sample("\u{FEFF}{\"seller_id\":1}")).data == #"{"seller_id":1}"#)
    }

    @Test("A producer id takes precedence over the position")
    func producerID() throws {
        #expect(try event(.sample(#"{"seller_id":1,"event_id":"mine"}"#)).producerID == "mine")
    }

    @Test("A structured CloudEvent is recognised by its content type, or by its content if there is no type")
    func structured() throws {
        let text =
            #"{"specversion":"1.0","id":"7","source":"/shop","type":"tumbling","data":{"seller_id":5,"text":"a"}}"#
        for headers: KeyValuePairs in [["content-type": "application/cloudevents+json; charset=UTF-8"], [:]] {
            let event = try event(.sample(text, headers: headers))
            #expect(event.type == "tumbling")
            #expect(event.source == "/shop")
            #expect(event.producerID == "7")
            #expect(event.recipient == 5)
        }
    }

    @Test("A record without a value holds no events")
    func tombstone() {
        #expect(entries(.sample(nil)).isEmpty)
        #expect(entries(.sample(nil, headers: ["ce_specversion": "1.0", "ce_id": "7"])).isEmpty)
        #expect(entries(.sample("[]", headers: ["content-type": "application/cloudevents-batch+json"])).isEmpty)
    }

    @Test(
        "A batch of CloudEvents is recognised by its content type, or by its content if there is no type",
        arguments: ["application/cloudevents-batch+json", "application/cloudevents+json; charset=utf-8", nil])
    func batch(type: String?) throws {
        func event(_ id: String, _ recipient: Int) -> String {
            #"{"specversion":"1.0",\#(id)"source":"/s","type":"tumbling","data":{"seller_id":\#(recipient),"text":"ä"}}"#
        }
        let text = " [\(event(#""id":"a","#, 1)), {}, [\(event(#""id":"b","#, 2))],\(event("", 3)),\(event("", 4)) ]"
        var record = SourceRecord.sample(text, offset: 17)
        if let type { record = .sample(text, offset: 17, headers: ["content-type": type]) }
        let entries = entries(record)
        #expect(entries.map { try? $0.get().recipient } == [1, nil, nil, 3, 4])
        #expect(
            entries.compactMap { try? $0.get().producerID } == ["a", "shop.changed/3/17/3", "shop.changed/3/17/4"])
        #expect(try entries[4].get().data == #"{"seller_id":4,"text":"ä"}"#)
    }

    @Test("A batch of more than 1,000 events is refused as a whole, as is one that is not JSON")
    func batchTooLarge() throws {
        let headers: KeyValuePairs = ["content-type": "application/cloudevents-batch+json"]
        let large = "[" + Array(repeating: "{}", count: 1001).joined(separator: ",") + "]"
        #expect(entries(.sample(large, headers: headers)).count == 1)
        #expect(fault(.sample(large, headers: headers))?.code == .tooLarge)
        #expect(entries(.sample(large.replacing("[{},", with: "["), headers: headers)).count == 1000)
        #expect(entries(.sample("[{},", headers: headers)).count == 1)
    }

    @Test("A CloudEvent without an id gets the record's position")
    func structuredWithoutID() throws {
        let text = #"{"specversion":"1.0","source":"/shop","type":"tumbling","data":{"seller_id":5}}"#
        let event = try event(.sample(text, offset: 9, headers: ["content-type": "application/cloudevents+json"]))
        #expect(event.producerID == "shop.changed/3/9")
    }

    @Test("A binary CloudEvent is read with its attributes from the headers")
    func binary() throws {
        let event = try event(
            .sample(
                #"{"recipient_id":5,"text":"a"}"#,
                headers: [
                    "ce_specversion": "1.0", "ce_id": "7", "ce_source": "/shop", "ce_type": "shop.changed",
                    "ce_time": "2026-11-23T09:00:00Z", "content-type": "application/json",
                ]))
        #expect(event.type == "shop.changed")
        #expect(event.source == "/shop")
        #expect(event.recipient == 5)
        #expect(event.occurredAt == Timestamp("2026-11-23T09:00:00Z"))
    }

    @Test("A binary CloudEvent with an attribute that is not UTF-8 or occurs twice is refused, naming the attribute")
    func notText() throws {
        let good = [("ce_specversion", "1.0"), ("ce_id", "7"), ("ce_source", "/shop"), ("ce_type", "shop.changed")]
            .map { SourceRecord.Header(name: $0, value: Array($1.utf8)) }
        for (name, value) in [("ce_id", [0xFF, 0x31]), ("ce_source", [0xC3]), ("CE_ID", [0x38])] as [(String, [UInt8])]
        {
            let others = good.filter { $0.name != name }
            let record = SourceRecord(
                topic: "shop.changed", partition: 3, offset: 0, key: nil, value: Array(#"{"recipient_id":5}"#.utf8),
                headers: others + [SourceRecord.Header(name: name, value: value)], timestamp: nil)
            #expect(fault(record)?.field == String(name.dropFirst(3).lowercased()))
        }
    }

    @Test("The trace in the headers is the event's")
    func traced() throws {
        let event = try event(.sample(#"{"seller_id":1}"#, headers: ["traceparent": Self.trace]))
        #expect(event.traceParent == Self.trace)
        let whole = try self.event(
            .sample(#"{"seller_id":1}"#, headers: ["traceparent": Self.trace, "tracestate": "vendor=1"]))
        #expect(whole.traceParent == Self.trace + " vendor=1")
    }

    @Test(
        "A record without a valid event is refused with a reason",
        arguments: ["", "no JSON", "[]", "{}", #"{"seller_id":"x"}"#, #"{"seller_id":1}{}"#, "\u{FEFF}", "[1,2]"])
    func refused(_ text: String) throws {
        let error = try #require(fault(.sample(text)))
        #expect(!error.message.isEmpty)
    }
}
