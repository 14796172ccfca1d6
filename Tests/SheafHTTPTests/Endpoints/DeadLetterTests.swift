import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Synchronization
import Testing

@testable import SheafHTTP

@Suite("Dead letters", .timeLimit(.minutes(1)))
struct DeadLetterTests {
    /// Stores `count` dead events, each with a dead letter; the oldest first.
    static func bury(_ site: Site, _ count: Int) async throws -> [DeadLetter] {
        let events = site.samples.events(count)
        let letters = events.map { site.samples.deadLetter(.event($0.id)) }
        try await site.store.transaction("bury") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.markDead(events.map(\.id), reason: "attempts_used_up")
            try transaction.insert(letters)
        }
        return letters
    }

    @Test("Dead letters are listed newest first with all their members")
    func list() async throws {
        let site = try Site()
        let letters = try await Self.bury(site, 1)
        let foreign = site.samples.deadLetter(nil, recipient: nil, reason: "bad_payload")
        try await site.store.transaction("insert") { try $0.insert([foreign]) }
        try await site.test { client async throws in
            let answer = try await client.get("/v1/dead-letters")
            #expect(answer.status == .ok)
            #expect(
                try answer.json == [
                    "items": [
                        [
                            "id": .string(foreign.id.description), "topic": "marketplace-sale.item.changed",
                            "reason": "bad_payload", "error": "upstream: the sales service answered 503",
                            "message": #"{"sale_id":7}"#, "recipient_id": nil,
                            "failed_at": "2026-11-23T09:00:00.000Z", "can_redrive": false,
                        ],
                        [
                            "id": .string(letters[0].id.description), "topic": "event_occurred",
                            "reason": "attempts_used_up", "error": "upstream: the sales service answered 503",
                            "message": #"{"sale_id":7}"#, "recipient_id": 42,
                            "failed_at": "2026-11-23T09:00:00.000Z", "can_redrive": true,
                        ],
                    ],
                    "next": nil,
                ])
        }
    }

    @Test("Paging returns each dead letter once, whatever the page size", arguments: [1, 7, 24, 25, 26, 100])
    func pages(limit: Int) async throws {
        let site = try Site()
        let letters = try await Self.bury(site, 25)
        try await site.test { client async throws in
            let (items, pages) = try await client.allPages("/v1/dead-letters", limit: limit)
            #expect(items.map { $0["id"]?.text } == letters.reversed().map(\.id.description))
            #expect(pages == (25 + limit - 1) / limit)
        }
    }

    @Test(
        "Invalid parameters are answered 400, naming the parameter",
        arguments: [("limit=0", "limit"), ("limit=1001", "limit"), ("after=x", "after")])
    func badParameters(query: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/dead-letters?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == field)
        }
    }

    @Test(
        "Redriving revives the event once: in its window, or by a message in the queue",
        arguments: WindowTests.places)
    func redrive(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let letters = try await Self.bury(site, 2)
        let path = "/v1/dead-letters/\(letters[0].id)/redrive"
        try await site.test { client async throws in
            let answer = try await client.send(.post, path)
            #expect(answer.status == .accepted)
            #expect(try answer.json == ["id": .string(letters[0].id.description)])
            #expect(try await client.send(.post, path).status == .notFound)
            #expect(
                try await client.get("/v1/dead-letters").json["items"]?.elements.map { $0["id"]?.text }
                    == [letters[1].id.description])
        }
        guard case .event(let id) = letters[0].body else { return }
        #expect(try await site.store.event(publicID: id.description)?.status == .new)
        try await Self.expect(site, place, toHoldAnew: [id])
    }

    @Test("Redriving puts the event of an ended window into the next window")
    func redriveEnded() async throws {
        let site = try Site()
        let events = site.samples.events(2)
        try await site.accept(events)
        site.clock.advance(by: .seconds(60))
        let claim = try #require(try await site.claims().first)
        let dead = EventException(event: events[1].id, status: .dead, reason: "bad_payload")
        let (digest, letter) = (
            site.samples.digest(claim, exceptions: [dead]), site.samples.deadLetter(.event(events[1].id))
        )
        try await site.store.transaction("digest") { transaction in
            _ = try transaction.digest([digest])
            try transaction.insert([letter])
        }
        #expect(try await site.store.event(publicID: events[1].publicID)?.status == .dead)
        try await site.operations().redrive(letter.id.description)
        #expect(try await site.store.event(publicID: events[0].publicID)?.status == .processed)
        try await Self.expect(site, .store, toHoldAnew: [events[1].id])
    }

    /// Expects that the events wait in one window of the store, or are on their way to one outside it.
    static func expect(_ site: Site, _ place: WindowLocation, toHoldAnew events: [EventID]) async throws {
        if place == .relayed {
            let consumer = try await site.store.outboxConsumer(of: .eventOccurred)
            #expect(
                try await consumer.receive(limit: 2000).map(\.message)
                    == events.map { QueueMessage(key: 42, body: .event($0)) })
        } else {
            #expect(try await site.store.statistics().backlog[.eventOccurred, default: 0] == 0)
            site.clock.advance(by: .seconds(60))
            #expect(try await site.claims().map { $0.events.map(\.id) } == [events])
        }
    }

    @Test("A message that only its producer can send again is answered 409, and stays")
    func notRedrivable() async throws {
        let site = try Site()
        let letter = site.samples.deadLetter(nil)
        try await site.store.transaction("insert") { try $0.insert([letter]) }
        try await site.test { client async throws in
            let answer = try await client.send(.post, "/v1/dead-letters/\(letter.id)/redrive")
            #expect(answer.status == .conflict)
            #expect(try answer.errorCode == "conflict")
            #expect(try await client.get("/v1/dead-letters").json["items"]?.elements.count == 1)
        }
    }

    @Test("An unknown or impossible dead letter is answered 404")
    func unknown() async throws {
        let site = try Site()
        _ = try await Self.bury(site, 1)
        try await site.test { client async throws in
            for id in [site.samples.deadLetterID().description, "nothing"] {
                let answer = try await client.send(.post, "/v1/dead-letters/\(id)/redrive")
                #expect(answer.status == .notFound)
                #expect(try answer.errorCode == "not_found")
            }
        }
    }

    @Test("All dead letters that can be redriven are, in batches, and the rest stays", arguments: WindowTests.places)
    func redriveAll(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let letters = try await Self.bury(site, 1203)
        let foreign = site.samples.deadLetter(nil)
        try await site.store.transaction("insert") { try $0.insert([foreign]) }
        let progress = Mutex<[Int]>([])
        let count = try await site.operations().redriveAll { done in progress.withLock { $0.append(done) } }
        #expect(count == 1203)
        #expect(progress.withLock { $0 } == [500, 1000, 1203])
        #expect(try await site.store.deadLetters(after: nil, limit: 10).map(\.id) == [foreign.id])
        let events = letters.compactMap { if case .event(let id) = $0.body { id } else { nil } }
        try await Self.expect(site, place, toHoldAnew: events)
        #expect(try await site.operations().redriveAll() == 0)
    }
}
