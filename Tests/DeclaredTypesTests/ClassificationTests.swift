import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Accepting events of declared types")
struct ClassificationTests {
    @Test(
        "Key parts are escaped, so that different values never make one key",
        arguments: [
            ("{a: string}", #"{"a":"x:y%"}"#, "x%3Ay%25"), ("{a: string, b: id}", #"{"a":"x:1","b":"7"}"#, "x%3A1:7"),
            ("{a: boolean}", #"{"a":true}"#, "true"), ("{a: [x, y]}", #"{"a":"y"}"#, "y"),
            ("{a: string}", #"{"a":""}"#, ""),
            ("{a: time}", #"{"a":"2026-01-05T12:00:00+02:00"}"#, "2026-01-05T10%3A00%3A00.000Z"),
        ])
    func key(data: String, payload: String, expected: String) throws {
        let names = data.contains("b:") ? "[a, b]" : "[a]"
        #expect(
            try sample(data: data, "t", more: "key: \(names)").classify(payload)
                == EventClassification(keyPart: expected))
    }

    @Test("Without a key each recipient has one window")
    func noKey() throws { #expect(try sample("t").classify(#"{"item_id":1}"#).keyPart == nil) }

    @Test(
        "Payloads of another form are refused, with the field",
        arguments: [
            ("{}", "data.a", "is missing"), (#"{"a":null}"#, "data.a", "is null, expected a whole number of 64 bits"),
            (#"{"a":1.5}"#, "data.a", "does not fit, expected a whole number of 64 bits"),
            (#"{"a":1,"s":7}"#, "data.s", "has the wrong type, expected a string"),
            (#"{"a":1,"s":"abcd"}"#, "data.s", "has more than 3 characters"),
            (#"{"a":1,"e":"z"}"#, "data.e", "must be one of: x, y"),
            (#"{"a":1,"t":"today"}"#, "data.t", "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)"),
            (#"{"a":1,"b":1}"#, "data.b", "has the wrong type, expected true or false"),
        ])
    func refused(payload: String, field: String, message: String) throws {
        let type = try sample(
            data:
                "{a: integer, s: {type: string?, max_length: 3}, e: {type: [x, y], optional: true}, t: time?, b: boolean?}",
            "t")
        #expect(throws: SheafError(.badPayload, field: field, message)) { try type.classify(payload) }
        #expect(try type.classify(#"{"a":"7","s":"é😀ü","other":{"kept":1}}"#) == EventClassification(keyPart: nil))
    }

    @Test(
        "An event that does not meet the condition is suppressed, as is one for which it has no value",
        arguments: [
            ("data.n <= 3", #"{"n":3}"#, nil), ("data.n <= 3", #"{"n":4}"#, "not_matching"),
            ("10 / data.n > 3", #"{"n":0}"#, "condition_failed"),
            ("has(data.s) && data.s == \"x\"", #"{"n":1}"#, "not_matching"),
            ("data.x > 1.5", #"{"n":1,"x":2}"#, nil), ("recipient_id == 42", #"{"n":1}"#, nil),
            ("data.e in [\"a\", \"b\"]", #"{"n":1,"e":"a"}"#, nil),
            ("data.t < timestamp(\"2026-01-06T00:00:00Z\")", #"{"n":1,"t":"2026-01-05T23:59:59Z"}"#, nil),
            ("occurred_at == timestamp(\"2026-01-05T12:00:00Z\")", #"{"n":1}"#, nil),
            ("data.b", #"{"n":1,"b":false}"#, "not_matching"),
        ] as [(String, String, String?)])
    func condition(text: String, payload: String, reason: String?) throws {
        var fields = "n: integer, s: string?"
        for (name, kind) in [("x", "number"), ("e", "[a, c, b]"), ("t", "time"), ("b", "boolean")] {
            if text.contains("data.\(name)") { fields += ", \(name): \(kind)" }
        }
        let type = try sample(data: "{\(fields)}", "t", more: "when: '\(text)'")
        #expect(try type.classify(payload).suppression == reason)
    }

    @Test("A retired type accepts no events")
    func retired() throws {
        let type = try sample("t", more: "retired: true")
        #expect(throws: SheafError.self) { try type.classify(#"{"item_id":1}"#) }
    }

    @Test("A type that only retracts ends its events at once")
    func retraction() throws {
        let set = try set([
            "a.yaml": "data: {id: id}\ntexts: {en: {list_title: t}}",
            "b.yaml": "data: {id: id}\nretracts: {type: a, by: [id]}",
        ])
        #expect(try #require(set.type(named: "b")).classify(#"{"id":1}"#).suppression == "retraction")
        #expect(set.type(named: "b")?.retraction == Retraction(type: "a", fields: ["id"]))
    }

    @Test("Retracted values are compared by field kinds; an event that fails the condition retracts nothing")
    func retracts() throws {
        let set = try set(
            [
                "a.yaml": "data: {id: id, at: time?}\ntexts: {en: {list_title: t}}",
                "b.yaml": "data: {id: id, at: time?}\nretracts: {type: a, by: [id, at]}\nwhen: data.id > 0",
                "c.yaml":
                    "data: {item_id: id}\nretracts: {type: sale_item_changed, by: [item_id]}\ntexts: {en: {list_title: t}}",
            ], builtIn: builtIn)
        let codes = ["a": 7, "sale_item_changed": 1]
        func retraction(_ name: String, _ data: String) throws -> SheafCore.Retraction? {
            let type = try #require(set.type(named: name)?.eventType(code: 9, among: codes, english))
            return try type.classify(data, EventHead(recipient: 1, occurredAt: TypeExample.usualNow)).retraction
        }
        let fields = [PayloadField("id", .integer), PayloadField("at", .time)]
        let own = try retraction("b", #"{"id":"5","at":"2026-01-05T12:00:00+02:00"}"#)
        #expect(own == SheafCore.Retraction(of: 7, by: fields, [.integer(5), .text("2026-01-05T10:00:00Z")]))
        #expect(own != SheafCore.Retraction(of: 7, by: fields, [.integer(5), .text("2026-01-05T12:00:00Z")]))
        #expect(try retraction("b", #"{"id":5}"#) == SheafCore.Retraction(of: 7, by: fields, [.integer(5), nil]))
        #expect(try retraction("b", #"{"id":0}"#) == nil)
        #expect(
            try retraction("c", #"{"item_id":3}"#)
                == SheafCore.Retraction(of: 1, by: [PayloadField("item_id", .integer)], [.integer(3)]))
        #expect(try retraction("a", #"{"id":5}"#) == nil)
    }

    @Test("With a time of day events have no key; with another delivery, which may be configured, they have")
    func scheduled() throws {
        let type = try #require(
            try sample("t", more: "key: [item_id]\ndelivery: {at: \"09:00\", days: [mon]}")
                .eventType(code: 7, english))
        let at = try #require(TimeOfDay("09:00"))
        #expect(type.delivery == .scheduled(DeliverySchedule(at: at, days: [.mon])))
        let head = EventHead(recipient: 1, occurredAt: TypeExample.usualNow)
        #expect(try type.classify(#"{"item_id":5}"#, head).keyPart == nil)
        #expect(try type.delivered(.immediate).classify(#"{"item_id":5}"#, head).keyPart == "5")
    }

    @Test("Records of a type's topic name their recipient in either way")
    func topic() throws {
        let type = try #require(
            try sample(data: "{seller_id: id}", "t", more: "topic: t.x").eventType(code: 7, english))
        let reader = EventReader(source: "databus", catalog: try EventCatalog([type]))
        func recipient(_ body: String) -> RecipientID? {
            try? reader.topicMessage(Array(body.utf8), topic: "t.x", position: "t.x/0/0").get().recipient
        }
        #expect(recipient(#"{"recipient_id":1,"seller_id":2}"#) == 1)
        #expect(recipient(#"{"seller_id":2}"#) == 2)
        #expect(recipient(#"{}"#) == nil)
    }
}
