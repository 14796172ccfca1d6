import HTTPTypes
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Posting events")
struct PublishTests {
    static let event = #"{"id":"a","type":"sale_item_changed","recipient_id":42,"data":{"sale_id":7}}"#

    static let cloudEvent = """
        {"specversion":"1.0","id":"c1","source":"/sales","type":"sale_item_changed",
         "data":{"sale_id":7,"seller_id":42}}
        """

    @Test("One event is answered 202 with its result")
    func one() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.publish(Self.event)
            #expect(answer.status == .accepted)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.text == #"{"results":[{"id":"a","status":"accepted"}]}"#)
        }
        #expect(site.intake.sources == ["http"])
        let event = try #require(site.intake.events.first)
        #expect(event.source == "http")
        #expect(event.producerID == "a")
        #expect(event.recipient == 42)
        #expect(event.data == #"{"sale_id":7}"#)
    }

    @Test("Results are in the order of the events: accepted, duplicate and rejected")
    func order() async throws {
        let body = """
            [{"id":"a","type":"sale_item_changed","recipient_id":42,"data":{}},
             {"type":"sale_item_changed","recipient_id":42,"data":{}},
             {"id":"a","type":"sale_item_changed","recipient_id":42,"data":{}},
             {"id":"x","type":"nonsense","recipient_id":42,"data":{}},
             {"type":"sale_item_changed","recipient_id":"x42","data":{}}]
            """
        try await Site().test { client async throws in
            let answer = try await client.publish(body)
            #expect(answer.status == .accepted)
            let json = try answer.json
            #expect(json["error"] == nil)
            let results = json["results"]?.elements ?? []
            #expect(
                results.map { $0["status"]?.text } == ["accepted", "accepted", "duplicate", "rejected", "rejected"])
            #expect(results.map { $0["id"] } == ["a", "given-2", "a", "x", JSON.null])
            #expect(
                results[3]["error"] == ["code": "unknown_type", "message": "is not known", "field": "type"])
            #expect(results[4]["error"]?["field"] == "recipient_id")
            #expect(results[0].names == ["id", "status"])
        }
    }

    @Test("If every event is rejected the response is 422 with an error and the results")
    func allRejected() async throws {
        try await Site().test { client async throws in
            let one = try await client.publish(#"{"type":"nonsense","recipient_id":42,"data":{}}"#)
            #expect(one.status == .unprocessableContent)
            #expect(try one.json["error"] == ["code": "unknown_type", "message": "is not known", "field": "type"])
            #expect(try one.json["results"]?.elements.count == 1)

            let two = try await client.publish(#"[{"type":"nonsense","recipient_id":42,"data":{}},3]"#)
            #expect(two.status == .unprocessableContent)
            #expect(try two.errorCode == "invalid")
            #expect(try two.json["results"]?.elements.map { $0["status"] } == ["rejected", "rejected"])
        }
    }

    @Test("An empty array is answered 202 with no results")
    func empty() async throws {
        try await Site().test { client async throws in
            let answer = try await client.publish("[]")
            #expect(answer.status == .accepted)
            #expect(try answer.json == ["results": []])
        }
    }

    @Test(
        "A body that is not JSON is answered 400",
        arguments: ["", "{", "nonsense", #"{"type":}"#, "[1,]", #"{"a":1} x"#])
    func notJSON(body: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.publish(body)
            #expect(answer.status == .badRequest)
            #expect(try answer.errorCode == "invalid")
            #expect(try answer.json.names == ["error"])
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test(
        "JSON is accepted under its media types, and without one",
        arguments: [
            "application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", nil,
            "application/vnd.shop.sale+json", "application/problem+json;charset=utf-8", "Application/X+JSON",
        ])
    func jsonTypes(type: String?) async throws {
        try await Site().test { client async throws in
            let answer = try await client.publish(Self.event, type)
            #expect(answer.status == .accepted)
        }
    }

    @Test(
        "Lines are accepted one by one, even among bad ones, under each media type",
        arguments: ["application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8"])
    func lines(type: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let body = "\(Self.event)\n\nnonsense\r\n" + Self.event.replacing("\"a\"", with: "\"b\"")
            let answer = try await client.publish(body, type)
            #expect(answer.status == .accepted)
            #expect(
                try answer.json["results"]?.elements.map { $0["status"]?.text } == ["accepted", "rejected", "accepted"])
        }
        #expect(site.intake.events.map(\.producerID) == ["a", "b"])
    }

    @Test(
        "Structured CloudEvents and batches are accepted",
        arguments: [
            ("application/cloudevents+json", cloudEvent), ("application/cloudevents-batch+json", "[\(cloudEvent)]"),
            ("application/cloudevents+json; charset=utf-8", cloudEvent),
        ])
    func structured(type: String, body: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.publish(body, type)
            #expect(answer.status == .accepted)
            #expect(try answer.json["results"]?.elements.first?["id"] == "c1")
        }
        let event = try #require(site.intake.events.first)
        #expect(event.source == "/sales")
        #expect(event.recipient == 42)
    }

    @Test("A byte order mark at the beginning is ignored in every form", arguments: [1, 2])
    func byteOrderMark(marks: Int) async throws {
        let site = try Site()
        let binary = HTTPFields([
            "ce-specversion": "1.0", "ce-id": "c2", "ce-source": "/s", "ce-type": "sale_item_changed",
        ])
        try await site.test { client async throws in
            for (body, type, headers) in [
                (Self.event, "application/json", [:]), ("[\(Self.event)]", "application/json", [:]),
                (Self.event, "application/x-ndjson", [:]), (Self.cloudEvent, "application/cloudevents+json", [:]),
                (#"{"seller_id":42}"#, "application/json", binary),
            ] as [(String, String, HTTPFields)] {
                let body = String(repeating: "\u{FEFF}", count: marks) + body
                let answer = try await client.publish(body, type, headers: headers)
                #expect((answer.status == .accepted) == (marks == 1))
            }
        }
        #expect(site.intake.events.map(\.producerID) == (marks == 1 ? ["a", "a", "a", "c1", "c2"] : []))
        #expect(site.intake.events.first.map(\.data) == (marks == 1 ? #"{"sale_id":7}"# : nil))
    }

    @Test("A CloudEvent in binary mode is read from its headers, values percent-decoded")
    func binary() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let headers = HTTPFields([
                "ce-specversion": "1.0", "ce-id": "caf%C3%A9%20%25", "CE-Source": "\"/sa\\\"les\"",
                "ce-type": "sale_item_changed", "ce-time": "2026-11-23T09:00:00Z",
            ])
            for type in ["application/json", nil, "application/vnd.shop+json"] {
                let answer = try await client.publish(#"{"seller_id":42}"#, type, headers: headers)
                #expect(answer.status == .accepted)
            }
        }
        let event = try #require(site.intake.events.first)
        #expect(event.producerID == "café %")
        #expect(event.source == "/sa\"les")
        #expect(event.recipient == 42)
        #expect(event.occurredAt == Timestamp("2026-11-23T09:00:00Z"))
        #expect(event.data == #"{"seller_id":42}"#)
    }

    @Test("A CloudEvent in binary mode that lacks an attribute is rejected")
    func binaryIncomplete() async throws {
        try await Site().test { client async throws in
            let headers = HTTPFields(["ce-id": "1", "ce-source": "/s", "ce-type": "sale_item_changed"])
            let answer = try await client.publish(#"{"seller_id":42}"#, headers: headers)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.errorField == "specversion")
        }
    }

    @Test(
        "A binary CloudEvent with an attribute that is not UTF-8 or occurs twice is answered 400 and not stored",
        arguments: [
            (["ce-id": "%FF-1"], [:], "id"), (["ce-source": "/s%FE"], [:], "source"),
            (["ce-type": "sale%80"], [:], "type"), (["ce-mine": "%FF"], [:], "mine"), ([:], ["ce-id": "1"], "id"),
            ([:], ["CE-ID": "2"], "id"), ([:], ["ce-source": "/s"], "source"),
        ] as [([String: String], [String: String], String)])
    func binaryNotText(instead: [String: String], twice: [String: String], field: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let good = ["ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "sale_item_changed"]
            let headers = HTTPFields(good.merging(instead) { $1 }) + HTTPFields(twice)
            let answer = try await client.publish(#"{"seller_id":42}"#, headers: HTTPFields(headers))
            #expect(answer.status == .badRequest)
            #expect(try answer.errorCode == "invalid")
            #expect(try answer.errorField == field)
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("CloudEvents headers are ignored if the attributes are in the body")
    func structuredWithHeaders() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let headers = HTTPFields(["ce-id": "%FF"])
            let answer = try await client.publish(Self.cloudEvent, "application/cloudevents+json", headers: headers)
            #expect(answer.status == .accepted)
        }
        #expect(site.intake.events.map(\.producerID) == ["c1"])
    }

    @Test("Two media types are answered 400")
    func twoTypes() async throws {
        try await Site().test { client async throws in
            let types = ["application/json", "application/x-ndjson"].map { HTTPField(name: .contentType, value: $0) }
            let answer = try await client.send(.post, "/v1/events", headers: HTTPFields(types), body: Self.event)
            #expect(answer.status == .badRequest)
        }
    }

    @Test(
        "Other media types are answered 415",
        arguments: [
            "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx",
            "application/json; charset=utf-16", "", "application/cloudevents+avro",
            "application/+json", "text/x+json", "application/cloudevents-stream+json", "application/json-lines",
        ])
    func otherTypes(type: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.publish(Self.event, type)
            #expect(answer.status == .unsupportedMediaType)
            #expect(try answer.errorCode == "unsupported_media_type")
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("The identity coding is accepted; lines with CloudEvents headers are answered 415")
    func otherEncodings() async throws {
        try await Site().test { client async throws in
            for coding in ["identity", "Identity, identity", ""] {
                let plain = try await client.publish(Self.event, headers: [.contentEncoding: coding])
                #expect(plain.status == .accepted)
            }
            for type in ["application/x-ndjson", "application/ndjson", "application/jsonl"] {
                let lines = try await client.publish(Self.event, type, headers: HTTPFields(["ce-id": "1"]))
                #expect(lines.status == .unsupportedMediaType)
            }
        }
    }

    @Test("The request's trace is stored with each event that has none of its own")
    func trace() async throws {
        let own = "00-11111111111111111111111111111111-2222222222222222-01"
        let request = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let site = try Site()
        try await site.test { client async throws in
            let headers = HTTPFields(["traceparent": request])
            _ = try await client.publish("[\(Self.event),3]", headers: headers)
            let traced = Self.cloudEvent.replacing("\"data\"", with: "\"traceparent\":\"\(own)\",\"data\"")
            _ = try await client.publish(
                "[\(traced),\(Self.cloudEvent)]", "application/cloudevents-batch+json", headers: headers)
            _ = try await client.publish(Self.event, headers: HTTPFields(["traceparent": "nonsense"]))
        }
        #expect(site.intake.events.map(\.traceParent) == [request, own, request, nil])
    }

    @Test("A full backlog is answered 503 with the seconds to wait, at least one, rounded up")
    func overloaded() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let waits: [(Duration?, String)] = [
                (.milliseconds(2500), "3"), (.seconds(7), "7"), (.milliseconds(20), "1"), (nil, "1"),
            ]
            for (wait, header) in waits {
                site.intake.fail(SheafError(.overloaded, "the backlog is full", retryAfter: wait))
                let answer = try await client.publish(Self.event)
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.headers[.retryAfter] == header)
                #expect(try answer.json == ["error": ["code": "overloaded", "message": "the backlog is full"]])
            }
        }
    }

    @Test("A failing store is answered 503, another error 500 without its text")
    func failing() async throws {
        struct Secretive: Error { let secret = "hunter2" }
        let site = try Site()
        try await site.test { client async throws in
            for code in [SheafError.Code.unavailable, .storage] {
                site.intake.fail(SheafError(code, "the store cannot be reached"))
                let answer = try await client.publish(Self.event)
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.headers[.retryAfter] == "1")
                #expect(try answer.errorCode == code.rawValue)
            }
            site.intake.fail(Secretive())
            let answer = try await client.publish(Self.event)
            #expect(answer.status == .internalServerError)
            #expect(try answer.errorCode == "internal")
            #expect(!answer.text.contains("hunter2"))
            #expect(!answer.text.contains("Secretive"))
        }
    }
}
