import HTTPTypes
import SheafCore
import SheafEngine
import Testing

@testable import SheafHTTP

@Suite("Types", .timeLimit(.minutes(1)))
struct TypeTests {
    @Test("Built-in types are listed and, once the folder was read, its types")
    func list() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let before = try await client.get("/v1/types").json
            #expect(before["revision"] == .null)
            #expect(
                before["items"]?.elements.first == [
                    "name": "sale_item_changed", "code": 1, "built_in": true, "category": "general",
                    "importance": "normal", "fields": [["name": "sale_id", "type": "integer"]],
                    "delivery": ["mode": "tumbling", "window": "1m", "max_events": 10000], "languages": ["ru"],
                    "retired": false,
                ])
            let answer = try await client.send(.post, "/v1/reload")
            #expect(answer.status == .ok)
            #expect(
                try answer.json == ["revision": 1, "stored": true, "added": ["news"], "changed": [], "removed": []])
            let after = try await client.get("/v1/types").json
            #expect(after["revision"] == 1)
            #expect(
                after["items"]?.elements.last == [
                    "name": "news", "code": 1000, "built_in": false, "category": "general", "importance": "normal",
                    "fields": [["name": "stars", "type": "integer", "optional": true]], "key": [],
                    "delivery": ["mode": "immediate"], "languages": ["en"], "retired": false,
                ])
            #expect(try await client.send(.post, "/v1/reload").json["stored"] == false)
        }
    }

    @Test("A preview returns a declared type's texts, in the requested or configured language")
    func preview() async throws {
        let site = try Site()
        try await site.test { client async throws in
            #expect(
                try await client.send(.post, "/v1/types/news/preview", body: #"{"events":[{}]}"#).status == .notFound)
            _ = try await client.send(.post, "/v1/reload")
            let answer = try await client.send(
                .post, "/v1/types/news/preview",
                body: #"{"events":[{"stars":1},{}],"locale":"pt-br","time_zone":"Asia/Tokyo"}"#)
            #expect(answer.status == .ok)
            #expect(
                try answer.json == [
                    "type": "news", "locale": "en", "time_zone": "Asia/Tokyo", "list_title": #"{"stars":1},{}"#,
                    "list_description": "42", "full_title": "pt-BR", "full_text": "Asia/Tokyo",
                    "url": "https://example.com", "category": "general", "importance": "normal", "event_count": 2,
                    "windows": 1, "left_out": [["event": 1, "reason": "not_matching"]], "notes": ["made up"],
                ])
            let usual = try await client.send(.post, "/v1/types/news/preview", body: #"{"events":[{}]}"#).json
            #expect(usual["full_title"] == "ru" && usual["full_text"] == "UTC")
        }
    }

    @Test("Built-in types can be previewed too")
    func previewOfProgram() async throws {
        try await Site().test { client async throws in
            let path = "/v1/types/sale_item_changed/preview"
            let answer = try await client.send(.post, path, body: #"{"events":[{"sale_id":1},{"sale_id":2}]}"#)
            #expect(
                try answer.json == [
                    "type": "sale_item_changed", "locale": "ru", "time_zone": "UTC", "suppressed": "nothing_to_say",
                    "event_count": 0, "windows": 2, "left_out": [], "notes": [],
                ])
            let bad = try await client.send(.post, path, body: #"{"events":[{},{"sale_id":"x"}]}"#)
            #expect(bad.status == .unprocessableContent)
            #expect(try bad.errorField == "events[1].data.sale_id" && bad.errorCode == "bad_payload")
            let enriched = try await client.send(.post, path, body: #"{"events":[{}],"enrich":{}}"#)
            #expect(try enriched.status == .unprocessableContent && enriched.errorField == "enrich")
        }
    }

    @Test(
        "Errors of a preview name the field",
        arguments: [
            (#"{"events":[{}],"locale":"xx-nowhere"}"#, 422, "locale"), (#"{"events":[]}"#, 422, "events"),
            (#"{"events":[{}],"time_zone":"Mars/Base"}"#, 422, "time_zone"), (#"{"event":[{}]}"#, 422, "event"),
            (#"{"events":[{}],"enrich":{}}"#, 422, "events[1].data.stars"), ("[]", 400, nil), ("{", 400, nil),
            ("{\"events\":[" + Array(repeating: "{}", count: 1001).joined(separator: ",") + "]}", 413, "events"),
        ] as [(String, Int, String?)])
    func wrongPreview(body: String, status: Int, field: String?) async throws {
        try await Site().test { client async throws in
            _ = try await client.send(.post, "/v1/reload")
            let answer = try await client.send(.post, "/v1/types/news/preview", body: body)
            #expect(answer.status.code == status)
            #expect(try answer.errorField == field)
        }
    }

    @Test("A preview's body is limited and must be JSON")
    func boundedPreview() async throws {
        let site = try Site()
        try await site.test(site.api(limits: APILimits(bodyBytes: 100))) { client async throws in
            let path = "/v1/types/sale_item_changed/preview"
            let long = #"{"events":[{"a":"\#(String(repeating: "x", count: 100))"}]}"#
            #expect(try await client.send(.post, path, body: long).status == .contentTooLarge)
            let lines = try await client.send(
                .post, path, headers: [.contentType: "application/x-ndjson"], body: #"{"events":[{}]}"#)
            #expect(lines.status == .unsupportedMediaType)
        }
    }

    @Test("A set with mistakes is refused with all of them, and the set in use stays")
    func mistakes() async throws {
        let site = try Site()
        try await site.test { client async throws in
            _ = try await client.send(.post, "/v1/reload")
            site.folder.set(.failure(TypeMistakes(["a.yaml:1:2: no", "b.yaml:3:4: \"no\""])))
            let answer = try await client.send(.post, "/v1/reload")
            #expect(answer.status == .unprocessableContent)
            #expect(
                try answer.json == [
                    "error": [
                        "code": "invalid", "message": "a.yaml:1:2: no\nb.yaml:3:4: \"no\"",
                        "mistakes": ["a.yaml:1:2: no", "b.yaml:3:4: \"no\""],
                    ]
                ])
            #expect(try await client.get("/v1/types").json["revision"] == 1)
        }
    }
}
