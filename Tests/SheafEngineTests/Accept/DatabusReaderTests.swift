import SheafCore
import SheafEngine
import Testing

@Suite("Databus: reading records")
struct DatabusReaderTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func event(_ record: SourceRecord) throws -> IncomingEvent { try DatabusReader().event(in: record).get() }

    private func fault(_ record: SourceRecord) -> SheafError? {
        if case .failure(let error) = DatabusReader().event(in: record) { error } else { nil }
    }

    @Test("Plain JSON is its own data, the seller the recipient, and its place the identifier")
    func plain() throws {
        let event = try event(.sample(#"{"text":"a","seller_id":42}"#, offset: 17))
        #expect(event.type == "shop.changed")
        #expect(event.recipient == 42)
        #expect(event.producerID == "shop.changed/3/17")
        #expect(event.data == #"{"text":"a","seller_id":42}"#)
    }

    @Test("A byte order mark before the value is passed over")
    func byteOrderMark() throws {
        #expect(try event(.sample("\u{FEFF}{\"seller_id\":1}")).data == #"{"seller_id":1}"#)
    }

    @Test("A producer's own identifier goes before the place")
    func producerID() throws {
        #expect(try event(.sample(#"{"seller_id":1,"event_id":"mine"}"#)).producerID == "mine")
    }

    @Test("A CloudEvent is read in structured form, told by its content type, or by itself where there is none")
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

    @Test("A CloudEvent is read in binary form, its attributes from the headers")
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

    @Test("A CloudEvent in binary form whose attributes are not UTF-8, or stand twice, is refused with the attribute")
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
        "What holds no event is refused with a reason",
        arguments: [nil, "", "no JSON", "[]", "{}", #"{"seller_id":"x"}"#, #"{"seller_id":1}{}"#, "\u{FEFF}"])
    func refused(_ text: String?) throws {
        let error = try #require(fault(.sample(text)))
        #expect(!error.message.isEmpty)
    }
}
