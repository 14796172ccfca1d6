import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Statistics")
struct StatsTests {
    @Test("A program that has done nothing shows zeros")
    func zeros() async throws {
        try await Site().test { client async throws in
            let json = try await client.get("/v1/stats").json
            #expect(
                json.names == [
                    "stages", "outbox_backlog", "queue_backlog", "open_windows", "pending_notifications", "unprocessed",
                    "oldest_unprocessed_seconds", "dead_letters",
                ])
            #expect(
                json["stages"]?.names == [
                    "ingested", "processed", "suppressed", "dead", "notifications", "delivered", "failed",
                ])
            #expect(json["stages"]?["ingested"] == ["total": 0, "rate": 0])
            #expect(json["oldest_unprocessed_seconds"] == 0)
        }
    }

    @Test("Counts, rates, backlogs, windows and ages are shown", arguments: WindowTests.places)
    func numbers(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let events = site.samples.events(3)
        try await site.store.transaction("ingest") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            try transaction.publish(events.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
            try transaction.publish([QueueMessage(key: 42, body: .notification(site.samples.notificationID()))])
        }
        try await WindowTests.open(site, [1, 2])
        site.counters.ingested(30)
        site.counters.sent(.failed)
        site.clock.advance(by: .seconds(5))
        try await site.test { client async throws in
            let json = try await client.get("/v1/stats").json
            #expect(json["stages"]?["ingested"] == ["total": 30, "rate": 6])
            #expect(json["stages"]?["failed"]?["rate"]?.number == 0.2)
            #expect(json["outbox_backlog"] == 4)
            #expect(json["queue_backlog"] == 4)
            #expect(json["open_windows"] == 2)
            #expect(json["unprocessed"] == 5)
            #expect(json["oldest_unprocessed_seconds"] == 5)
            #expect(json["dead_letters"] == 0)
        }
        let api = site.api(operations: site.operations(queueBacklog: { 17 }))
        try await site.test(api) { client async throws in
            let json = try await client.get("/v1/stats").json
            #expect(json["queue_backlog"] == 17)
            #expect(json["outbox_backlog"] == 4)
        }
    }
}
