import SheafCore
import Testing

@Suite("Messages of business topics")
struct TopicMessageTests {
    private let reader = EventReader(source: "databus", catalog: nil)

    private func read(_ body: String) -> EventReader.Entry {
        reader.topicMessage(Array(body.utf8), topic: "marketplace-sale.item.changed", position: "t/3/17")
    }

    private func event(id: String, recipient: RecipientID, data: String) -> EventReader.Entry {
        .success(
            IncomingEvent(
                source: "marketplace-sale.item.changed", producerID: id, type: "marketplace-sale.item.changed",
                recipient: recipient, data: data))
    }

    @Test("The whole object is data, the seller is the recipient, and the position is the id")
    func message() {
        let body = #"{"sale_id": 7, "item_id": 1001, "seller_id": 42}"#
        #expect(read(body) == event(id: "t/3/17", recipient: 42, data: body))
        #expect(read(" \(body)\n") == event(id: "t/3/17", recipient: 42, data: body))
    }

    @Test("An event_id is the producer id")
    func eventID() {
        for body in [#"{"event_id":"e-1","seller_id":42}"#, #"{"seller_id":42,"event_id":"e\u002d1"}"#] {
            #expect(read(body) == event(id: "e-1", recipient: 42, data: body))
        }
        let null = #"{"event_id":null,"seller_id":42}"#
        #expect(read(null) == event(id: "t/3/17", recipient: 42, data: null))
    }

    @Test("A recipient_id is a member like any other")
    func recipientID() {
        let body = #"{"recipient_id":7,"seller_id":42}"#
        #expect(read(body) == event(id: "t/3/17", recipient: 42, data: body))
        #expect(read(#"{"recipient_id":7}"#) == .failure(SheafError(.invalid, field: "data.seller_id", "is missing")))
    }

    @Test(
        "Bad messages are refused, with the field",
        arguments: [
            ("{}", "data.seller_id", "is missing"), (#"{"seller_id":null}"#, "data.seller_id", "is missing"),
            (#"{"seller_id":"x42"}"#, "data.seller_id", "expected a whole number, not a string"),
            (#"{"seller_id":1.5}"#, "data.seller_id", "expected a whole number of 64 bits"),
            (#"{"seller_id":9223372036854775808}"#, "data.seller_id", "expected a whole number of 64 bits"),
            // Taking the position instead would store a repeated message twice.
            (#"{"seller_id":1,"event_id":5}"#, "data.event_id", "expected a string, not a number"),
            (#"{"seller_id":1,"event_id":""}"#, "data.event_id", "is empty"),
            (
                #"{"seller_id":1,"event_id":"\#(String(repeating: "x", count: 201))"}"#, "data.event_id",
                "has more than 200 characters"
            ),
            ("[]", "data", "expected an object, not an array"), ("null", "data", "is missing"),
            ("5", "data", "expected an object, not a number"),
            (#"{"seller_id":1,"seller_id":2}"#, nil, "a name occurs twice in one object"),
            (#"{"seller_id":1,"a":"\ud800"}"#, nil, "a lone surrogate in a string"),
            (#"{"seller_id":1,"a":"\u0000"}"#, nil, "a string may not hold U+0000"),
            ("", nil, "is not valid JSON: the text ends where a value is expected (byte 0)"),
            (#"{"seller_id":1} x"#, nil, "is not valid JSON: expected nothing after the value (byte 16)"),
        ] as [(String, String?, String)])
    func bad(body: String, field: String?, message: String) {
        #expect(read(body) == .failure(SheafError(.invalid, field: field, message)))
    }

    @Test("Text that is not JSON is refused", arguments: IntakeCorpus.broken + IntakeCorpus.wronglyEncoded)
    func broken(_ item: IntakeCase) {
        item.check(reader.topicMessage(item.body, topic: "t", position: "t/0/0"))
    }
}
