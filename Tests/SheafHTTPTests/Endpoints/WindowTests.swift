import HTTPTypes
import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Windows")
struct WindowTests {
    /// Opens a window for each recipient, with one event.
    static func open(_ site: Site, _ recipients: some Sequence<Int>, part: String? = "7") async throws {
        let entries = recipients.map { recipient in
            let event = site.samples.event(recipient: RecipientID(recipient), keyPart: part)
            return DebounceEntry(event: event.id, key: event.windowKey, policy: TestTypes.window)
        }
        _ = try await site.debouncer.add(entries)
    }

    @Test("Open windows are listed in the order they were opened")
    func list() async throws {
        let site = try Site()
        try await Self.open(site, [42, 42])
        site.clock.advance(by: .seconds(1))
        try await Self.open(site, [41], part: nil)
        try await site.test { client async throws in
            let answer = try await client.get("/v1/windows")
            #expect(answer.status == .ok)
            #expect(
                try answer.json == [
                    "items": [
                        [
                            "key": "sale_item_changed:42:7", "type": "sale_item_changed", "recipient_id": 42,
                            "events": 2, "opened_at": "2026-11-23T09:00:00.000Z",
                            "closes_at": "2026-11-23T09:01:00.000Z",
                        ],
                        [
                            "key": "sale_item_changed:41", "type": "sale_item_changed", "recipient_id": 41,
                            "events": 1, "opened_at": "2026-11-23T09:00:01.000Z",
                            "closes_at": "2026-11-23T09:01:01.000Z",
                        ],
                    ],
                    "total": 2, "next": nil,
                ])
        }
    }

    @Test("Paging tells each window once, whatever the page's size", arguments: [1, 7, 24, 25, 26, 1000])
    func pages(limit: Int) async throws {
        let site = try Site()
        try await Self.open(site, 1...25)
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages("/v1/windows", limit: limit)
            #expect(items.map { $0["recipient_id"]?.number } == (1...25).map { Double($0) })
            #expect(pages == (25 + limit - 1) / limit)
            #expect(try await client.get("/v1/windows?limit=1").json["total"] == 25)
        }
    }

    @Test("A page has a hundred windows where no number is asked for")
    func standardLimit() async throws {
        let site = try Site()
        try await Self.open(site, 1...101)
        try await site.test { client async throws in
            #expect(try await client.get("/v1/windows").json["items"]?.elements.count == 100)
        }
    }

    @Test(
        "Bad parameters are answered 400 and named",
        arguments: [("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("after=x", "after")])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/windows?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == field)
        }
    }

    @Test("A window is flushed by its key, which is percent-decoded once")
    func flush() async throws {
        let site = try Site()
        try await Self.open(site, [42])
        try await Self.open(site, [43], part: "a/b%20:c")
        try await site.test { client async throws in
            #expect(try await client.send(.post, "/v1/windows/sale_item_changed:42:7/flush").status == .accepted)
            let answer = try await client.send(.post, "/v1/windows/sale_item_changed%3A43%3Aa%2Fb%2520:c/flush")
            #expect(answer.status == .accepted)
            #expect(try answer.json == ["key": "sale_item_changed:43:a/b%20:c"])
        }
        let batch = try await site.debouncer.claim(windows: 10, events: 100, lease: .seconds(30))
        #expect(Set(batch.claims.map(\.window.key.recipient)) == [42, 43])
    }

    @Test(
        "A window that is not open, or a key that is none, is answered 404",
        arguments: [
            "sale_item_changed:42:8", "sale_item_changed:42", "nonsense:42:7", "sale_item_changed", "%FF",
            "sale_item_changed:me:7",
        ])
    func unknown(key: String) async throws {
        let site = try Site()
        try await Self.open(site, [42])
        try await site.test { client async throws in
            let answer = try await client.send(.post, "/v1/windows/\(key)/flush")
            #expect(answer.status == .notFound)
            #expect(try answer.errorCode == "not_found")
        }
    }
}
