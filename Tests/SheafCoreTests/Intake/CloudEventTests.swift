import SheafCore
import Testing

@Suite("CloudEvents")
struct CloudEventTests {
    private let reader = EventReader(source: "http", catalog: nil)

    /// A structured event; given members replace those of a good one, and an empty value removes one.
    private func body(_ members: [String: String] = [:]) -> String {
        var all = [
            "specversion": #""1.0""#, "id": #""e-1""#, "source": #""/sales""#, "type": #""sale_item_changed""#,
            "data": #"{"recipient_id":42,"sale_id":7}"#,
        ]
        all.merge(members) { $1 }
        return "{"
            + all.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
            .map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private func read(_ members: [String: String] = [:]) throws -> EventReader.Entry {
        try #require(try reader.cloudEvents(Array(body(members).utf8)).first)
    }

    private let expected = IncomingEvent(
        source: "/sales", producerID: "e-1", type: "sale_item_changed", recipient: 42,
        data: #"{"recipient_id":42,"sale_id":7}"#)

    @Test("A structured event is read")
    func structured() throws {
        #expect(try read() == .success(expected))
        var full = expected
        full.occurredAt = Timestamp("2026-11-23T09:00:00Z")
        full.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let members = [
            "time": #""2026-11-23T09:00:00Z""#, "traceparent": #""\#(full.traceParent ?? "")""#, "subject": #""x""#,
            "datacontenttype": #""application/json""#, "extension": "5",
        ]
        #expect(try read(members) == .success(full))
    }

    @Test("A batch is read, and its good events survive")
    func batch() throws {
        let bodies = [body(["id": #""1""#]), body(["id": ""]), body(["id": #""3""#]), "5"]
        let entries = try reader.cloudEvents(Array("[\(bodies.joined(separator: ","))]".utf8))
        #expect(entries.map { try? $0.get().producerID } == ["1", nil, "3", nil])
        #expect(try reader.cloudEvents(Array("[]".utf8)).isEmpty)
    }

    @Test("The recipient is recipient_id, or else seller_id")
    func recipient() throws {
        func recipient(_ data: String) throws -> RecipientID? { try? read(["data": data]).get().recipient }
        #expect(try recipient(#"{"seller_id":5}"#) == 5)
        #expect(try recipient(#"{"seller_id":5,"recipient_id":6}"#) == 6)
        #expect(try recipient(#"{"recipient_id":6,"seller_id":"x"}"#) == 6)
        #expect(try recipient(#"{"recipient_id":null,"seller_id":5}"#) == 5)
        #expect(try recipient(#"{"x":{"recipient_id":6}}"#) == nil)
    }

    @Test(
        "Errors name the invalid member",
        arguments: [
            ("specversion", "", "specversion", "expected \"1.0\""),
            ("specversion", #""0.3""#, "specversion", "expected \"1.0\""),
            ("specversion", "1.0", "specversion", "expected a string, not a number"),
            ("id", "", "id", "is missing"), ("id", "null", "id", "is missing"), ("id", #""""#, "id", "is empty"),
            ("id", "7", "id", "expected a string, not a number"),
            ("id", #""\#(String(repeating: "x", count: 201))""#, "id", "has more than 200 characters"),
            ("source", "", "source", "is missing"), ("source", #""""#, "source", "is empty"),
            ("source", #""\#(String(repeating: "x", count: 401))""#, "source", "has more than 400 characters"),
            ("type", "", "type", "is missing"), ("type", "null", "type", "is missing"),
            ("data", "", "data", "is missing"), ("data", "null", "data", "is missing"),
            ("data", "[]", "data", "expected an object, not an array"),
            ("data", "{}", "data.recipient_id", "is missing; expected recipient_id or seller_id"),
            ("data", #"{"recipient_id":"x42"}"#, "data.recipient_id", "expected a whole number, not a string"),
            // A seller_id does not repair a wrong recipient_id.
            ("data", #"{"recipient_id":1.5,"seller_id":5}"#, "data.recipient_id", "expected a whole number of 64 bits"),
            ("data", #"{"seller_id":9223372036854775808}"#, "data.seller_id", "expected a whole number of 64 bits"),
            ("time", #""yesterday""#, "time", "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)"),
            ("traceparent", "5", "traceparent", "expected a string, not a number"),
        ])
    func bad(member: String, value: String, field: String, message: String) throws {
        #expect(try read([member: value]) == .failure(SheafError(.invalid, field: field, message)))
    }

    @Test("A traceparent that is too long is left out")
    func longTrace() throws {
        #expect(try read(["traceparent": "\"\(String(repeating: "0", count: 201))\""]) == .success(expected))
    }

    @Test("Flaws spoil one event of a batch")
    func flaws() throws {
        let bodies = [body(["x": #""\ud800""#]), body(), body(["data": #"{"recipient_id":1,"recipient_id":2}"#])]
        let entries = try reader.cloudEvents(Array("[\(bodies.joined(separator: ","))]".utf8))
        #expect(entries.map { (try? $0.get()) == expected } == [false, true, false])
    }

    @Test("A body that is not JSON is refused as a whole", arguments: IntakeCorpus.broken + IntakeCorpus.wronglyEncoded)
    func broken(_ item: IntakeCase) {
        item.checkBroken { try reader.cloudEvents(item.body) }
    }

    // MARK: Binary mode

    private let attributes = ["specversion": "1.0", "id": "e-1", "source": "/sales", "type": "sale_item_changed"]
    private let data = #"{"recipient_id":42,"sale_id":7}"#

    private func binary(_ members: [String: String?] = [:], data: String? = nil) throws -> EventReader.Entry {
        var all = attributes
        for (name, value) in members { all[name] = value }
        return try reader.binaryCloudEvent(all, data: Array((data ?? self.data).utf8))
    }

    @Test("A binary event is read")
    func binaryMode() throws {
        #expect(try binary() == .success(expected))
        var full = expected
        full.occurredAt = Timestamp("2026-11-23T09:00:00Z")
        full.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(try binary(["time": "2026-11-23T09:00:00Z", "traceparent": full.traceParent]) == .success(full))
    }

    @Test(
        "Errors name the invalid attribute",
        arguments: [
            ("specversion", nil, "specversion", "expected \"1.0\""),
            ("specversion", "0.3", "specversion", "expected \"1.0\""),
            ("id", nil, "id", "is missing"), ("id", "", "id", "is empty"), ("source", nil, "source", "is missing"),
            ("type", nil, "type", "is missing"),
            ("time", "", "time", "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)"),
        ] as [(String, String?, String, String)])
    func badAttributes(name: String, value: String?, field: String, message: String) throws {
        #expect(try binary([name: value]) == .failure(SheafError(.invalid, field: field, message)))
    }

    @Test("Data without a recipient, with a flaw, or of another kind is refused")
    func badData() throws {
        func fault(_ data: String) throws -> SheafError {
            let entry = try binary(data: data)
            return try #require(throws: SheafError.self) { try entry.get() }
        }
        #expect(try fault("{}").field == "data.recipient_id")
        #expect(try fault("[]") == SheafError(.invalid, field: "data", "expected an object, not an array"))
        #expect(try fault("null") == SheafError(.invalid, field: "data", "is missing"))
        #expect(try fault(#"{"recipient_id":1,"a":"\u0000"}"#).message == "a string may not hold U+0000")
    }

    @Test("NUL in an attribute, or data that is not JSON, refuses the request")
    func brokenBinary() throws {
        #expect(throws: SheafError(.invalid, field: "id", "a string may not hold U+0000")) {
            try binary(["id": "a\0b"])
        }
        #expect(throws: SheafError.self) { try binary(data: "") }
        #expect(throws: SheafError.self) { try binary(data: "{} x") }
        #expect(throws: SheafError(.invalid, "is not valid UTF-8")) {
            try reader.binaryCloudEvent(attributes, data: [0xFF])
        }
    }
}
