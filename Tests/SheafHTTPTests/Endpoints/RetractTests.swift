import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Retracting an event")
struct RetractTests {
    @Test("A waiting event ends suppressed, and its history shows it", arguments: WindowTests.places)
    func retract(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let events = [site.samples.event(producerID: "order-17"), site.samples.event()]
        try await site.accept(events)
        site.clock.advance(by: .seconds(3))
        try await site.test { client async throws in
            for id in ["order-17", events[1].id.description] {
                let answer = try await client.send(.post, "/v1/events/\(id)/retract")
                #expect(answer.status == .noContent && answer.text.isEmpty)
                // Retracting again changes nothing.
                site.clock.advance(by: .seconds(1))
                #expect(try await client.send(.post, "/v1/events/\(id)/retract").status == .noContent)
            }
            let json = try await client.get("/v1/events/order-17").json
            #expect(json["status"] == "suppressed")
            #expect(json["reason"] == "retracted")
            #expect(json["window"] == .null && json["notification_id"] == .null)
            #expect(
                json["history"]?.elements.map { $0["detail"]?.text } == [
                    "received from http", "suppressed, with no notification: retracted",
                ])
            #expect(json["history"]?.elements.last?["at"] == "2026-11-23T09:00:03.000Z")
        }
        #expect(site.counters.snapshot().totals[.suppressed] == 2)
    }

    @Test("An event that was notified, suppressed for another reason or dead-lettered is answered 409")
    func ended() async throws {
        let site = try Site()
        let (notified, quiet, dead) = (site.samples.event(), site.samples.event(), site.samples.event())
        try await site.accept(
            [notified, quiet, dead],
            digests: [
                site.samples.digest([notified]),
                site.samples.digest([quiet], composition: .suppressed(reason: "quiet")),
            ])
        _ = try await site.store.transaction("dead") { try $0.markDead([dead.id], reason: "bad_payload") }
        try await site.test { client async throws in
            for event in [notified, quiet, dead] {
                let answer = try await client.send(.post, "/v1/events/\(event.id)/retract")
                #expect(answer.status == .conflict)
                #expect(try answer.errorCode == "already_ended")
            }
        }
    }

    @Test("The source selects the event; without a source the newest is used")
    func source() async throws {
        let site = try Site()
        let events = ["a", "b", "c"].map { site.samples.event(source: $0, producerID: "1") }
        try await site.accept(events)
        try await site.test { client async throws in
            #expect(try await client.send(.post, "/v1/events/1/retract?source=a").status == .noContent)
            #expect(try await client.send(.post, "/v1/events/1/retract?source=d").status == .notFound)
            #expect(try await client.send(.post, "/v1/events/1/retract").status == .noContent)
        }
        #expect(try await site.store.events(events.map(\.id)).map(\.status) == [.suppressed, .new, .suppressed])
    }

    @Test("An unknown or impossible event is answered 404", arguments: ["nothing", "%00", "%FF"])
    func unknown(id: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.send(.post, "/v1/events/\(id)/retract")
            #expect(answer.status == .notFound)
            #expect(try answer.errorCode == "not_found")
        }
    }
}
