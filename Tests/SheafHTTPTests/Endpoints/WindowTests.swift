import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Windows")
struct WindowTests {
    static let places: [WindowLocation] = [.store, .relayed]

    /// Opens a window with one event for each recipient.
    static func open(_ site: Site, _ recipients: some Sequence<Int>, part: String? = "7") async throws {
        try await site.accept(recipients.map { site.samples.event(recipient: RecipientID($0), keyPart: part) })
    }

    @Test("Open windows are listed in the order in which they were opened", arguments: places)
    func list(place: WindowLocation) async throws {
        let site = try Site(windows: place)
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

    @Test("A waiting window shows its reason and the end of its wait", arguments: WaitReason.allCases)
    func waiting(reason: WaitReason) async throws {
        let site = try Site()
        try await Self.open(site, [42, 42])
        try await site.accept([site.samples.event(type: 2, keyPart: nil)])
        site.clock.advance(by: .seconds(60))
        try await site.postpone(by: .seconds(30), reason)
        try await site.test { client async throws in
            let json = try await client.get("/v1/windows").json
            #expect(json["total"] == 2)
            #expect(
                json["items"] == [
                    [
                        "key": "sale_item_changed:42:7", "type": "sale_item_changed", "recipient_id": 42, "events": 2,
                        "opened_at": "2026-11-23T09:00:00.000Z", "closes_at": "2026-11-23T09:01:30.000Z",
                        "waits_for": .string(reason.rawValue),
                    ],
                    [
                        "key": "sale_seller_status_changed:42", "type": "sale_seller_status_changed",
                        "recipient_id": 42, "events": 1, "opened_at": "2026-11-23T09:00:00.000Z",
                        "closes_at": "2026-11-23T09:01:30.000Z", "waits_for": .string(reason.rawValue),
                    ],
                ])
        }
    }

    @Test("The window of an immediate event is listed only while it waits, not while it is claimed")
    func unlisted() async throws {
        let site = try Site()
        try await site.accept([site.samples.event(type: 2, keyPart: nil)])
        try await Self.open(site, [42])
        try await site.test { client async throws in
            #expect(try await client.get("/v1/windows").json["items"]?.elements.map { $0["events"] } == [1])
            site.clock.advance(by: .seconds(60))
            #expect(try await site.claims().count == 2)
            #expect(try await client.get("/v1/windows").json == ["items": [], "total": 0, "next": nil])
        }
    }

    @Test(
        "Paging returns each window once, whatever the page size", arguments: [1, 7, 24, 25, 26, 1000],
        places)
    func pages(limit: Int, place: WindowLocation) async throws {
        let site = try Site(windows: place)
        try await Self.open(site, 1...25)
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages("/v1/windows", limit: limit)
            #expect(items.map { $0["recipient_id"]?.number } == (1...25).map { Double($0) })
            #expect(pages == (25 + limit - 1) / limit)
            #expect(try await client.get("/v1/windows?limit=1").json["total"] == 25)
        }
    }

    @Test(
        "Windows in the store come before those outside it, and every page has the total",
        arguments: [1, 5, 7, 11, 12, 13, 24, 25, 1000])
    func pagesOfBoth(limit: Int) async throws {
        let (inside, outside) = (try Site(), try Site(windows: .relayed))
        try await Self.open(inside, 1...12)
        try await Self.open(outside, 13...25)
        let operations = inside.operations(debouncer: outside.debouncer)
        try await inside.test(inside.api(operations: operations)) { client async throws in
            let (items, pages) = try await client.allPages("/v1/windows", limit: limit)
            #expect(items.map { $0["recipient_id"]?.number } == (1...25).map { Double($0) })
            #expect(pages == (25 + limit - 1) / limit)
            var cursor: String? = ""
            while let after = cursor {
                let page = try await client.get("/v1/windows?limit=\(limit)&after=\(after)").json
                #expect(page["total"] == 25)
                cursor = page["next"]?.text
            }
        }
    }

    @Test("A page has a hundred windows by default", arguments: places)
    func standardLimit(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        try await Self.open(site, 1...101)
        try await site.test { client async throws in
            #expect(try await client.get("/v1/windows").json["items"]?.elements.count == 100)
        }
    }

    @Test(
        "Invalid parameters are answered 400, naming the parameter",
        arguments: [
            ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("after=x", "after"),
            ("after=w", "after"), ("after=wx", "after"),
        ])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/windows?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == field)
        }
    }

    @Test("A window is flushed by its key, which is percent-decoded once", arguments: places)
    func flush(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        try await Self.open(site, [42])
        try await Self.open(site, [43], part: "a/b%20:c")
        try await Self.open(site, [44])
        try await site.test { client async throws in
            #expect(try await client.send(.post, "/v1/windows/sale_item_changed:42:7/flush").status == .accepted)
            let answer = try await client.send(.post, "/v1/windows/sale_item_changed%3A43%3Aa%2Fb%2520:c/flush")
            #expect(answer.status == .accepted)
            #expect(try answer.json == ["key": "sale_item_changed:43:a/b%20:c"])
        }
        let relayed = try await site.debouncer?.claim(windows: 10, events: 100, lease: .seconds(30)).claims ?? []
        let stored = try await site.claims()
        #expect(Set(relayed.map(\.window.key.recipient) + stored.map(\.window.key.recipient)) == [42, 43])
    }

    @Test("A flush ends the wait for a service, and no other", arguments: WaitReason.allCases)
    func flushWaiting(reason: WaitReason) async throws {
        let site = try Site()
        try await Self.open(site, [42])
        site.clock.advance(by: .seconds(60))
        try await site.postpone(by: .seconds(30), reason)
        try await site.test { client async throws in
            let answer = try await client.send(.post, "/v1/windows/sale_item_changed:42:7/flush")
            #expect(answer.status == (reason == .service ? .accepted : .notFound))
        }
        #expect(try await site.claims().count == (reason == .service ? 1 : 0))
    }

    @Test(
        "A missing window or an invalid key is answered 404",
        arguments: [
            "sale_item_changed:42:8", "sale_item_changed:42", "nonsense:42:7", "sale_item_changed", "%FF",
            "sale_item_changed:me:7",
        ], places)
    func unknown(key: String, place: WindowLocation) async throws {
        let site = try Site(windows: place)
        try await Self.open(site, [42])
        try await site.test { client async throws in
            let answer = try await client.send(.post, "/v1/windows/\(key)/flush")
            #expect(answer.status == .notFound)
            #expect(try answer.errorCode == "not_found")
        }
    }
}
