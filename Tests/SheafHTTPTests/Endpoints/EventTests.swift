import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Showing an event")
struct EventTests {
    @Test("A waiting event is shown with all its members", arguments: WindowTests.places)
    func members(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let payload = #"{"sale_id": 7,  "big":12345678901234567890.10, "text":"a\/b \u00e9", "n":1e400}"#
        let event = site.samples.event(source: "/sales", producerID: "order-17", payload: payload)
        try await site.accept([event])
        try await site.test { client async throws in
            let answer = try await client.get("/v1/events/order-17")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.text.contains(#""data":\#(payload)"#))
            // The test's reader cannot hold a number as large as that.
            let text = answer.text.replacing("1e400", with: "1")
            let json = try JSON(text.utf8)
            #expect(
                json.names == [
                    "id", "type", "recipient_id", "source", "occurred_at", "received_at", "data", "status", "reason",
                    "window", "notification_id", "history",
                ])
            #expect(json["id"] == "order-17")
            #expect(json["type"] == "sale_item_changed")
            #expect(json["recipient_id"] == 42)
            #expect(json["source"] == "/sales")
            #expect(json["occurred_at"] == "2026-11-23T08:59:59.000Z")
            #expect(json["received_at"] == "2026-11-23T09:00:00.000Z")
            #expect(json["status"] == "new")
            #expect(json["reason"] == .null)
            #expect(json["window"] == "sale_item_changed:42:7")
            #expect(json["notification_id"] == .null)
        }
    }

    @Test("An event is found by Sheaf's id, and by a producer id with any characters")
    func identifiers() async throws {
        let site = try Site()
        let plain = site.samples.event(type: 2, keyPart: nil)
        let odd = site.samples.event(producerID: "a/b?c %41 é")
        try await site.accept([plain, odd])
        try await site.test { client async throws in
            let shown = try await client.get("/v1/events/\(plain.id)").json
            #expect(shown["id"] == .string(plain.id.description))
            #expect(shown["window"] == .null)
            let answer = try await client.get("/v1/events/a%2Fb%3Fc%20%2541%20%C3%A9")
            #expect(try answer.json["id"] == "a/b?c %41 é")
        }
    }

    @Test("If sources share an id, each event is shown by its source, and the newest without a source")
    func source() async throws {
        let site = try Site()
        let events = ["shop/a", "shop b"].map { site.samples.event(source: $0, producerID: "1") }
        try await site.accept(events)
        try await site.test { client async throws in
            #expect(try await client.get("/v1/events/1?source=shop%2Fa").json["source"] == "shop/a")
            #expect(try await client.get("/v1/events/1?source=shop%20b").json["source"] == "shop b")
            for any in ["", "?source="] {
                #expect(try await client.get("/v1/events/1\(any)").json["source"] == "shop b")
            }
            for unknown in ["shop", "%00"] {
                #expect(try await client.get("/v1/events/1?source=\(unknown)").status == .notFound)
            }
        }
    }

    @Test(
        "A source that is not UTF-8 or occurs twice is answered 400",
        arguments: ["%FF", "%", "a&source=a", "a&source="])
    func badSource(source: String) async throws {
        let site = try Site()
        try await site.accept([site.samples.event(source: "\u{FFFD}", producerID: "order-17")])
        try await site.test { client async throws in
            let answer = try await client.get("/v1/events/order-17?source=\(source)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == "source")
        }
    }

    @Test("Sources and ids are compared by bytes, not by Unicode equivalence")
    func bytes() async throws {
        let site = try Site()
        try await site.accept([site.samples.event(source: "caf\u{E9}", producerID: "\u{E9}")])
        try await site.test { client async throws in
            for (path, status) in [
                ("%C3%A9", 200), ("e%CC%81", 404), ("%C3%A9?source=caf%C3%A9", 200), ("%C3%A9?source=cafe%CC%81", 404),
            ] {
                #expect(try await client.get("/v1/events/\(path)").status.code == status)
            }
        }
    }

    @Test(
        "An unknown or impossible event is answered 404",
        arguments: ["nothing", "%00", "%FF", "%", String(repeating: "x", count: 201)])
    func unknown(id: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/events/\(id)")
            #expect(answer.status == .notFound)
            #expect(try answer.errorCode == "not_found")
        }
    }
}
