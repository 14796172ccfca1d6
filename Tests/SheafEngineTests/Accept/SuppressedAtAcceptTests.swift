import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

/// A type that is defined at run time and suppresses numbers above a limit.
private struct Limited: EventTypeDefinition {
    let limit: Int64
    let fields = [PayloadField("n", .integer)]

    func classify(_ values: PayloadValues, of event: EventHead) throws(SheafError) -> EventClassification {
        let number = try values.integer("n")
        return EventClassification(keyPart: nil, suppression: number > limit ? "not_matching" : nil)
    }

    func check(_ values: PayloadValues) throws(SheafError) { _ = try values.integer("n") }

    func compose(_ events: [ReadEvent], in context: CompositionContext) async throws -> WindowComposition {
        let sum = events.reduce(0) { sum, event in sum + ((try? event.values.integer("n")) ?? 0) }
        return WindowComposition(
            .notification(NotificationContent(listTitle: "\(sum)", listDescription: "", fullTitle: "", fullText: "")))
    }
}

@Suite("Events that are suppressed when accepted")
struct SuppressedAtAcceptTests {
    private func catalog(limit: Int64) throws -> LiveCatalog {
        try LiveCatalog([
            EventType("limited", code: 1, delivery: .debounced(WindowPolicy()), definition: Limited(limit: limit))
        ])
    }

    @Test(
        "They join no window, wherever windows live, and are suppressed at once with their reason",
        arguments: WindowLocation.all)
    func ends(place: WindowLocation) async throws {
        let clock = TestClock()
        let store = MemoryStore(clock: clock)
        let catalog = try catalog(limit: 3)
        let counters = StageCounters(clock: clock)
        let ingest = Ingest(catalog: catalog, store: store, windows: place, clock: clock, counters: counters)
        let lines = ["1", "5", "2", "\"x\""].map { #"{"id":\#($0.debugDescription),"n":\#($0)}"# }
        let entries = lines.enumerated().map { index, data in
            EventReader.Entry.success(
                IncomingEvent(source: "test", producerID: "\(index)", type: "limited", recipient: 1, data: data))
        }
        let results = try await ingest.submit(entries, source: "test")
        #expect(results.prefix(3).map(\.status) == [.accepted, .accepted, .accepted])
        let again = try await ingest.submit([entries[1]], source: "test")
        #expect(again.map(\.status) == [.duplicate])

        let operations = Operations(store: store, debouncer: nil, catalog: catalog, clock: clock)
        let document = try await operations.event("1")
        #expect(document.event.status == .suppressed && document.event.reason == "not_matching")
        #expect(document.window == nil && document.event.notificationID == nil)
        #expect(document.history.map(\.step) == [.received, .suppressed])
        #expect(counters.snapshot().totals.suppressed == 1)
        let waiting = try await store.statistics().newEvents
        #expect(waiting == 2)
        let unassigned = try await store.statistics().backlog.values.reduce(0, +)
        #expect(unassigned == (place == .store ? 0 : 2))
    }

    @Test("A replay leaves out events that their type would suppress now")
    func replay() async throws {
        let clock = TestClock()
        let store = MemoryStore(clock: clock)
        // It needs ids of its own, since a replay uses their moments.
        let samples = Samples(start: clock.now)
        let events = [1, 2, 5].map { samples.event(recipient: 1, keyPart: nil, payload: #"{"n":\#($0)}"#) }
        let admissions: [Admission] = [
            .window(WindowPolicy()), .window(WindowPolicy()), .ended(reason: "not_matching"),
        ]
        _ = try await store.transaction("accept") { transaction in
            try transaction.accept(zip(events, admissions).map { AdmittedEvent($0, $1) })
        }
        clock.advance(by: .seconds(120))
        let claim = try #require(
            try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(10)).claims.first)
        let digest = samples.digest(claim)
        _ = try await store.transaction("digest") { try $0.digest([digest]) }

        let replay = Replay(catalog: try catalog(limit: 1).current, store: store, clock: clock)
        let period = Replay.Period(since: TestClock.start, until: clock.now, type: nil, name: "test")
        let result = try await replay.run(period, sends: true) { _ in }
        #expect(result.events == 3 && result.enqueued == 1)
        let feed = try await store.feed(recipient: 1, after: nil, limit: 10, unreadOnly: false)
        #expect(feed.items.map(\.content.listTitle).contains("1"))
    }
}
