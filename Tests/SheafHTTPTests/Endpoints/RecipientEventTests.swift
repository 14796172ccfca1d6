import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("A recipient's events")
struct RecipientEventTests {
    private static let path = "/v1/recipients/42/events"

    @Test(
        "Each shows its outcome in short: waiting until, notified, suppressed or dead with a reason",
        arguments: WindowTests.places)
    func list(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let notified = site.samples.event(producerID: "notified")
        let silent = site.samples.event(producerID: "silent")
        let dead = site.samples.event(producerID: "dead")
        let waits = site.samples.event(producerID: "waits")
        let homeless = site.samples.event(producerID: "homeless")
        let digest = site.samples.digest([notified])
        try await site.accept(
            [notified, silent, dead, homeless],
            digests: [
                digest, site.samples.digest([silent], composition: .suppressed(reason: "no_banned_items")),
            ])
        _ = try await site.store.transaction("dead") { try $0.markDead([dead.id], reason: "bad_payload") }
        try await site.accept([waits])
        try await site.test { client async throws in
            let json = try await client.get(Self.path).json
            #expect(json.names == ["items", "next"] && json["next"] == .null)
            let items = json["items"]?.elements ?? []
            #expect(items.map { $0["id"]?.text } == ["homeless", "waits", "dead", "silent", "notified"])
            #expect(
                items.last == [
                    "id": "notified", "type": "sale_item_changed", "recipient_id": 42, "source": "http",
                    "occurred_at": "2026-11-23T08:59:59.000Z", "received_at": "2026-11-23T09:00:00.000Z",
                    "status": "processed", "reason": nil, "window": "sale_item_changed:42:7", "closes_at": nil,
                    "notification_id": .string(digest.id.description), "notification_status": "pending",
                ])
            #expect(items.map { $0["status"]?.text } == ["new", "new", "dead", "suppressed", "processed"])
            #expect(items.map { $0["reason"]?.text } == [nil, nil, "bad_payload", "no_banned_items", nil])
            #expect(items.map { $0["closes_at"]?.text } == [nil, "2026-11-23T09:01:00.000Z", nil, nil, nil])
            #expect(items[0]["window"] == "sale_item_changed:42:7" && items[2]["window"] == .null)
        }
    }

    @Test("Paging returns each event once, whatever the page size", arguments: [1, 7, 24, 25, 26, 100])
    func pages(limit: Int) async throws {
        let site = try Site()
        let events = site.samples.events(25)
        try await site.accept(
            events + site.samples.events(3, recipient: 43), digests: [site.samples.digest(Array(events[3..<20]))])
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages(Self.path, limit: limit)
            #expect(items.map { $0["id"]?.text } == events.reversed().map(\.publicID))
            #expect(pages == (25 + limit - 1) / limit)
        }
    }

    @Test("If windows cannot be reached, the store's data is still shown")
    func brokenDebouncer() async throws {
        let site = try Site()
        try await site.accept([site.samples.event(producerID: "a")], digests: [])
        try await site.test(site.api(operations: site.operations(debouncer: BrokenDebouncer()))) {
            client async throws in
            let item = try await client.get(Self.path).json["items"]?.elements.first
            #expect(item?["id"] == "a" && item?["window"] == "sale_item_changed:42:7" && item?["closes_at"] == .null)
        }
    }

    @Test(
        "A limit out of range and an invalid cursor are refused",
        arguments: [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after")])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("\(Self.path)?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == field)
        }
    }
}
