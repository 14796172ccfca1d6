import HTTPTypes
import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Showing a notification")
struct NotificationTests {
    @Test("A notification is shown with its events and its attempts")
    func show() async throws {
        let site = try Site()
        let events = [site.samples.event(producerID: "a"), site.samples.event(), site.samples.event(producerID: "c")]
        let digest = site.samples.digest(events)
        try await site.accept(events, digests: [digest])
        let attempts = [
            Samples.attempt(1, at: TestClock.start + .seconds(1), .retry, httpStatus: 503, error: "unavailable"),
            Samples.attempt(2, at: TestClock.start + .seconds(3), .delivered, httpStatus: 200),
        ]
        for attempt in attempts {
            try await site.store.transaction("record") {
                _ = try $0.record([DeliveryRecord(notification: digest.id, attempt: attempt)])
            }
        }
        try await site.test { client async throws in
            let answer = try await client.get("/v1/notifications/\(digest.id)")
            #expect(answer.status == .ok)
            let json = try answer.json
            #expect(json["id"] == .string(digest.id.description))
            #expect(json["event_count"] == 3)
            #expect(json["status"] == "delivered")
            #expect(json["event_ids"] == ["a", .string(events[1].id.description), "c"])
            #expect(
                json["attempts"] == [
                    [
                        "number": 1, "at": "2026-11-23T09:00:01.000Z", "outcome": "retry", "http_status": 503,
                        "error": "unavailable",
                    ],
                    [
                        "number": 2, "at": "2026-11-23T09:00:03.000Z", "outcome": "delivered", "http_status": 200,
                        "error": nil,
                    ],
                ])
        }
    }

    @Test("An unknown or impossible notification is answered 404")
    func unknown() async throws {
        let site = try Site()
        try await site.test { client async throws in
            for id in [site.samples.notificationID().description, "nothing", "42"] {
                let answer = try await client.get("/v1/notifications/\(id)")
                #expect(answer.status == .notFound)
                #expect(try answer.errorCode == "not_found")
            }
        }
    }
}
