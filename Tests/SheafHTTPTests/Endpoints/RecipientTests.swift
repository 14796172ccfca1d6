import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("A recipient's notifications")
struct RecipientTests {
    static let feed = "/v1/recipients/42/notifications"

    /// Stores `count` notifications of the recipient, the oldest first.
    static func notify(_ site: Site, _ count: Int, recipient: RecipientID = 42) async throws -> [String] {
        let events = site.samples.events(count, recipient: recipient)
        let digests = events.map { site.samples.digest([$0]) }
        try await site.accept(events, digests: digests)
        return digests.map(\.id.description)
    }

    @Test("Notifications are listed newest first with all their members")
    func list() async throws {
        let site = try Site()
        let ids = try await Self.notify(site, 3)
        _ = try await Self.notify(site, 1, recipient: 43)
        try await site.test { client async throws in
            let answer = try await client.get(Self.feed)
            #expect(answer.status == .ok)
            let json = try answer.json
            #expect(json.names == ["items", "next", "unread"])
            #expect(json["items"]?.elements.map { $0["id"]?.text } == ids.reversed())
            #expect(json["next"] == .null)
            #expect(json["unread"] == 3)
            #expect(
                json["items"]?.elements.first == [
                    "id": .string(ids[2]), "recipient_id": 42, "type": "sale_item_changed",
                    "list_title": .string(Samples.content.listTitle),
                    "list_description": .string(Samples.content.listDescription),
                    "full_title": .string(Samples.content.fullTitle), "full_text": .string(Samples.content.fullText),
                    "event_count": 1, "created_at": "2026-11-23T09:00:00.000Z", "status": "pending",
                    "delivered_at": nil, "read_at": nil, "url": "https://example.com/a%20b", "locale": "pt-BR",
                    "category": "sales", "importance": "critical",
                ])
        }
    }

    @Test("Paging returns each notification once, whatever the page size", arguments: [1, 2, 7, 24, 25, 26, 100])
    func pages(limit: Int) async throws {
        let site = try Site()
        let ids = try await Self.notify(site, 25)
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages(Self.feed, limit: limit)
            #expect(items.map { $0["id"]?.text } == ids.reversed())
            #expect(pages == (25 + limit - 1) / limit)
        }
    }

    @Test("A page has twenty notifications by default")
    func standardLimit() async throws {
        let site = try Site()
        _ = try await Self.notify(site, 21)
        try await site.test { client async throws in
            #expect(try await client.get(Self.feed).json["items"]?.elements.count == 20)
            #expect(try await client.get(Self.feed + "?limit=&after=&unread=").json["items"]?.elements.count == 20)
        }
    }

    @Test(
        "Invalid parameters are answered 400, naming the parameter",
        arguments: [
            ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"),
            ("limit=99999999999999999999", "limit"), ("after=nothing", "after"), ("after=7", "after"),
            ("unread=maybe", "unread"),
        ])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("\(Self.feed)?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorCode == "invalid")
            #expect(try answer.errorField == field)
        }
    }

    @Test("A notification is marked as read, and left out of unread lists")
    func markRead() async throws {
        let site = try Site()
        let ids = try await Self.notify(site, 2)
        site.clock.advance(by: .seconds(5))
        try await site.test { client async throws in
            for _ in 1...2 {
                let answer = try await client.send(.post, "\(Self.feed)/\(ids[0])/read")
                #expect(answer.status == .noContent)
                #expect(answer.text.isEmpty)
            }
            let all = try await client.get(Self.feed).json
            #expect(all["unread"] == 1)
            #expect(all["items"]?.elements.map { $0["read_at"] } == [.null, "2026-11-23T09:00:05.000Z"])
            let unread = try await client.get(Self.feed + "?unread=true").json
            #expect(unread["items"]?.elements.map { $0["id"]?.text } == [ids[1]])
            #expect(try await client.get(Self.feed + "?unread=false").json["items"]?.elements.count == 2)
        }
    }

    @Test("All notifications are marked as read, even if there are none")
    func markAllRead() async throws {
        let site = try Site()
        _ = try await Self.notify(site, 3)
        try await site.test { client async throws in
            #expect(try await client.send(.post, "\(Self.feed)/read-all").status == .noContent)
            #expect(try await client.get(Self.feed).json["unread"] == 0)
            #expect(try await client.send(.post, "/v1/recipients/9/notifications/read-all").status == .noContent)
        }
    }

    @Test("Another recipient's notification, or an invalid id, is answered 404")
    func unknown() async throws {
        let site = try Site()
        let ids = try await Self.notify(site, 1)
        let paths = [
            "/v1/recipients/43/notifications/\(ids[0])/read", "\(Self.feed)/\(site.samples.notificationID())/read",
            "\(Self.feed)/nothing/read", "/v1/recipients/me/notifications/\(ids[0])/read",
            "/v1/recipients/4.2/notifications/read-all", "/v1/recipients/99999999999999999999/notifications/read-all",
        ]
        try await site.test { client async throws in
            for path in paths {
                let answer = try await client.send(.post, path)
                #expect(answer.status == .notFound, "\(path)")
                #expect(try answer.errorCode == "not_found")
            }
            #expect(try await client.get("/v1/recipients/me/notifications").status == .notFound)
            #expect(try await client.get(Self.feed).json["unread"] == 1)
        }
    }

    @Test("A recipient is erased from the store and the windows, and others are not", arguments: WindowTests.places)
    func erase(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let mine = site.samples.event(producerID: "mine")
        let other = site.samples.event(recipient: 43, producerID: "other")
        try await site.accept([mine, other])
        _ = try await Self.notify(site, 1)
        try await site.test { client async throws in
            for _ in 1...2 {
                #expect(try await client.send(.delete, "/v1/recipients/42").status == .noContent)
            }
            #expect(try await client.get("/v1/events/mine").status == .notFound)
            #expect(try await client.get(Self.feed).json["items"] == [])
            #expect(try await client.get("/v1/windows").json["items"]?.elements.map { $0["recipient_id"] } == [43])
            #expect(try await client.get("/v1/events/other").status == .ok)
            #expect(try await client.send(.delete, "/v1/recipients/me").status == .notFound)
        }
    }
}
