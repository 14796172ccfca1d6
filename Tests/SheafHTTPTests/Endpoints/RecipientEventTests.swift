import HTTPTypes
import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("A recipient's events")
struct RecipientEventTests {
    private static let path = "/v1/recipients/42/events"

    @Test("Each says in short what became of it: waits until, told, suppressed and why, given up and why")
    func list() async throws {
        let site = try Site()
        let told = site.samples.event(producerID: "told")
        let silent = site.samples.event(producerID: "silent")
        let dead = site.samples.event(producerID: "dead")
        let waits = site.samples.event(producerID: "waits")
        let homeless = site.samples.event(producerID: "homeless")
        let window = ClosedWindow(
            key: Samples.key(), openedAt: site.clock.now, closesAt: site.clock.now + .seconds(60))
        let binding = site.samples.binding([told], window: window)
        try await site.store.transaction("ingest") { transaction in
            _ = try transaction.append([told, silent, dead, waits, homeless])
            try transaction.bind([
                binding,
                site.samples.binding([silent], window: window, composition: .suppressed(reason: "no_banned_items")),
            ])
            _ = try transaction.markDead([dead.id], reason: "bad_payload")
        }
        _ = try await site.debouncer.add([
            DebounceEntry(event: waits.id, key: waits.windowKey, policy: TestTypes.window)
        ])
        try await site.test { client async throws in
            let json = try await client.get(Self.path).json
            #expect(json.names == ["items", "next"] && json["next"] == .null)
            let items = json["items"]?.elements ?? []
            #expect(items.map { $0["id"]?.text } == ["homeless", "waits", "dead", "silent", "told"])
            #expect(
                items.last == [
                    "id": "told", "type": "sale_item_changed", "recipient_id": 42, "source": "http",
                    "occurred_at": "2026-11-23T08:59:59.000Z", "received_at": "2026-11-23T09:00:00.000Z",
                    "status": "processed", "reason": nil, "window": "sale_item_changed:42:7", "closes_at": nil,
                    "notification_id": .string(binding.id.description), "notification_status": "pending",
                ])
            #expect(items.map { $0["status"]?.text } == ["new", "new", "dead", "suppressed", "processed"])
            #expect(items.map { $0["reason"]?.text } == [nil, nil, "bad_payload", "no_banned_items", nil])
            #expect(items.map { $0["closes_at"]?.text } == [nil, "2026-11-23T09:01:00.000Z", nil, nil, nil])
            #expect(items[0]["window"] == "sale_item_changed:42:7" && items[2]["window"] == .null)
        }
    }

    @Test("Paging tells each event once, whatever the page's size", arguments: [1, 7, 24, 25, 26, 100])
    func pages(limit: Int) async throws {
        let site = try Site()
        let events = site.samples.events(25)
        try await site.store.transaction("bind") { transaction in
            _ = try transaction.append(events + site.samples.events(3, recipient: 43))
            try transaction.bind([site.samples.binding(Array(events[3..<20]))])
        }
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages(Self.path, limit: limit)
            #expect(items.map { $0["id"]?.text } == events.reversed().map(\.publicID))
            #expect(pages == (25 + limit - 1) / limit)
        }
    }

    @Test("Windows that cannot be reached do not hide what the store knows")
    func brokenDebouncer() async throws {
        let site = try Site()
        try await site.store.transaction("ingest") { _ = try $0.append([site.samples.event(producerID: "a")]) }
        try await site.test(site.api(operations: site.operations(debouncer: BrokenDebouncer()))) {
            client async throws in
            let item = try await client.get(Self.path).json["items"]?.elements.first
            #expect(item?["id"] == "a" && item?["window"] == "sale_item_changed:42:7" && item?["closes_at"] == .null)
        }
    }

    @Test(
        "A limit out of range and a cursor that is none are refused",
        arguments: [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after")])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("\(Self.path)?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == field)
        }
    }
}
