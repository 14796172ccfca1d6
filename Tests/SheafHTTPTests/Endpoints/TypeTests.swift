import HTTPTypes
import SheafCore
import SheafEngine
import Testing

@testable import SheafHTTP

@Suite("Types", .timeLimit(.minutes(1)))
struct TypeTests {
    @Test("The types of the program are listed, and once the folder was read its types")
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

    @Test("A set with mistakes is refused with all of them, and what was in use stays")
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
