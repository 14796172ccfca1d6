import Testing

@testable import SheafCore

@Suite("Payloads")
struct PayloadDecodingTests {
    private let type = EventType.sample()

    @Test(
        "Good payloads give their key parts",
        arguments: [
            (#"{"sale_id": 7, "unknown": [1, {"a": null}]}"#, "7"),
            (#"{"sale_id":"9007199254740993"}"#, "9007199254740993"), (#"{"sale_id":"-\u0031"}"#, "-1"),
            (#"{"sale_id":"-9223372036854775808"}"#, "-9223372036854775808"), (#"{"sale_id":1e3}"#, "1000"),
            (#"{"sale_id":9007199254740993.0}"#, "9007199254740993"), (#"{"s\u0061le_id":0e1}"#, "0"),
            (#"{"sale_id":1,"items": [1, {"a":[]}] ,"code":null}"#, #"1[1, {"a":[]}]"#),
            (#"{"price":1.5e1,"sale_id":2,"is_banned":false}"#, "215.0"),
        ])
    func good(payload: String, part: String) throws {
        #expect(
            try type.classify(payload, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0))).keyPart
                == part)
        // Read in the pass over the event, and with a type that comes too late for that.
        for event in [#""type":"sample","data":\#(payload)"#, #""data":\#(payload),"type":"sample""#] {
            #expect(try read(#"{"recipient_id":1,\#(event)}"#) == part)
        }
    }

    /// The key part of an event that is read with the catalog.
    private func read(_ text: String) throws -> String? {
        let reader = EventReader(source: "http", catalog: try EventCatalog([type]))
        let event = try #require(try reader.json(Array(text.utf8)).first).get()
        return try type.classify(event, at: Timestamp(microseconds: 0)).keyPart
    }

    @Test("If the type comes before the data, its fields are read in the same pass")
    func onePass() throws {
        let reader = EventReader(source: "http", catalog: try EventCatalog([type]))
        func values(_ text: String) throws -> PayloadValues? { try reader.line(Array(text.utf8)).get().values }
        #expect(
            try values(#"{"type":"sample","recipient_id":1,"data":{"sale_id":7,"x":1}}"#)?.integer("sale_id") == 7)
        #expect(try values(#"{"recipient_id":1,"data":{"sale_id":7},"type":"sample"}"#) == nil)
        #expect(try values(#"{"recipient_id":1,"type":"other","data":{"sale_id":7}}"#) == nil)
    }

    @Test("A topic's type may declare the members that name a record's recipient")
    func overlapping() throws {
        let reader = EventReader(source: "databus", catalog: try EventCatalog([.topicSample()]))
        let event = try reader.topicMessage(
            Array(#"{"seller_id":"42","event_id":"e","sale_id":1}"#.utf8), topic: "t", position: "t/0/0"
        ).get()
        #expect(event.recipient == 42 && event.producerID == "e")
        #expect(try event.values?.integer("seller_id") == 42)
        #expect(try event.values?.string("event_id") == "e")
    }

    @Test(
        "Errors name the member and not its value",
        arguments: [
            (#"{}"#, "data.sale_id", "is missing"),
            (#"{"sale_id":null}"#, "data.sale_id", "is null, expected a whole number of 64 bits"),
            (#"{"sale_id":"hunter2"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":""}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":"-"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":" 1"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":"+1"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":"1.0"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":"١"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":[7]}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":9223372036854775808}"#, "data.sale_id", "does not fit, expected a whole number of 64 bits"),
            (#"{"sale_id":"9223372036854775808"}"#, "data.sale_id", "does not fit, expected a whole number of 64 bits"),
            (#"{"sale_id":1.5}"#, "data.sale_id", "does not fit, expected a whole number of 64 bits"),
            (#"{"sale_id":1,"code":5}"#, "data.code", "has the wrong type, expected a string"),
            (#"{"sale_id":1,"code":""}"#, "data.code", "is empty"),
            (#"{"sale_id":1,"price":"1"}"#, "data.price", "has the wrong type, expected a number"),
            (#"{"sale_id":1,"price":1e999}"#, "data.price", "does not fit, expected a number"),
            (#"{"sale_id":1,"is_banned":0}"#, "data.is_banned", "has the wrong type, expected true or false"),
        ])
    func complaints(payload: String, field: String, message: String) throws {
        let expected = SheafError(.badPayload, field: field, message)
        #expect(throws: expected) {
            try type.classify(payload, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0))).keyPart
        }
        #expect(throws: expected) { try read(#"{"recipient_id":1,"type":"sample","data":\#(payload)}"#) }
        #expect(throws: expected) { try read(#"{"recipient_id":1,"data":\#(payload),"type":"sample"}"#) }
    }

    @Test(
        "Stored texts that are not a single object are refused",
        arguments: [
            ("[]", "is no JSON object"), (#"{"sale_id":"#, "is no JSON object"),
            ("", "is no JSON object"), (#"{"sale_id":1},{}"#, "is no JSON object"),
        ])
    func notOne(text: String, message: String) {
        #expect(throws: SheafError(.badPayload, field: "data", message)) {
            try type.classify(text, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0)))
        }
    }

    @Test("Reading an undeclared field is an error of the payload's code")
    func undeclared() throws {
        let values = PayloadValues([PayloadField("a", .string)])
        for ask in [{ _ = try values.integer("a") }, { _ = try values.string("b") }] {
            #expect(throws: SheafError.self) { try ask() }
        }
        #expect(!values.has("b"))
    }

    @Test("The factory sees all payloads of a recipient")
    func compose() async throws {
        #expect(
            try await type.compose([event(1, #"{"sale_id":5}"#), event(2, #"{"sale_id":6}"#)])
                == .suppressed(reason: "42:11"))
        #expect(try await type.compose([]) == .suppressed(reason: "empty"))
        await #expect(throws: SheafError.self) { try await type.compose([event(1, "{}")]) }
    }

    private func event(_ number: UInt64, _ payload: String) -> Event {
        Event(
            IncomingEvent(source: "http", type: "a", recipient: 42, data: payload),
            id: EventID(high: number, low: 0), type: 1, at: Timestamp(milliseconds: 0))
    }

    @Test("A type with another policy keeps everything else")
    func delivered() throws {
        let policy = DeliveryPolicy.debounced(WindowPolicy())
        let other = EventType.sample("a", code: 9, topic: "t").delivered(policy)
        #expect(other.name == "a" && other.code == 9 && other.topic == "t" && other.delivery == policy)
        #expect(
            try other.classify(#"{"sale_id":1}"#, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0)))
                .keyPart == "1")
    }
}
