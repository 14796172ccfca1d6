import SheafCore
import Testing

extension EventStoreConformance {
    static var retracting: [Check] {
        [
            Check("A retracted event ends suppressed, and its window continues without it") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await harness.accept(events)
                let before = try #require(try await harness.openWindows().first)
                #expect(try await store.retract([events[1]]) == [events[1].id])
                try await harness.expectRetracted([events[1]])
                let after = try #require(try await harness.openWindows().first)
                #expect(after.id == before.id && after.events == 2 && after.closesAt == before.closesAt)
                #expect(try await store.statistics().newEvents == 2)
                #expect(
                    try await store.events(of: Samples.recipient, after: nil, limit: 9).items.map(\.stored.event)
                        == events.reversed())
                try await harness.advance(ticks: 10)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == [events[0], events[2]])
                let digest = samples.digest(claim)
                try await store.digest([digest])
                #expect(try await store.notification(digest.id)?.eventCount == 2)
                #expect(try await store.events(in: digest.id) == [events[0].id, events[2].id])
                #expect(try await store.endedWindow(claim.id)?.events == 2)
                try await harness.expectRetracted([events[1]])
            },
            Check(
                "The digest of a window is refused after an event of it is retracted, and the window is claimed again without it"
            ) {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let claim = try await harness.claimed(events)
                try await store.retract([events[0]])
                #expect(try await store.digested([samples.digest(claim)]).ids.isEmpty)
                try await store.nack([claim])
                let again = try #require(try await harness.claim().claims.first)
                #expect(again.id == claim.id && again.events == [events[1], events[2]])
                // Retracts the remaining events of the second claim too.
                try await store.retract([events[1], events[2]])
                #expect(try await store.digested([samples.digest(again)]).ids.isEmpty)
                try await store.nack([again])
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.expectRetracted(events)
                #expect(try await store.statistics().newEvents == 0)
                #expect(try await store.statistics().messages == 0)
            },
            Check("A window whose last event is retracted is deleted, and its key opens another") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, next) = (samples.event(), samples.event())
                try await harness.accept([event])
                let window = try #require(try await harness.openWindows().first)
                try await harness.advance(ticks: 4)
                try await store.retract([event])
                #expect(try await harness.openWindows().isEmpty)
                #expect(try await store.liveWindow(window.id) == nil)
                try await harness.accept([next])
                let opened = try #require(try await harness.openWindows().first)
                #expect(opened.id != window.id && opened.events == 1)
                #expect(opened.closesAt - opened.openedAt == harness.ticks(10))
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[next]])
            },
            Check("An event that is alone in its window can be retracted, even while it waits") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = [samples.event(type: 2, keyPart: nil), samples.event(type: 2, keyPart: nil)]
                try await store.accept(events, as: .alone)
                try await store.retract([events[0]])
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == [events[1]])
                try await store.postpone([
                    Postponement(claim, delay: harness.ticks(3), reason: .service, maxEvents: 1)
                ])
                #expect(try await harness.openWindows().map(\.events) == [1])
                try await store.retract([events[1]])
                #expect(try await harness.openWindows().isEmpty)
                try await harness.advance(ticks: 3)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.expectRetracted(events)
            },
            Check("A waiting window continues to wait without its retracted event, and merges") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (older, younger) = (samples.events(2), samples.events(2))
                let first = try await harness.claimed(older)
                try await store.postpone([
                    Postponement(first, delay: harness.ticks(5), reason: .service, maxEvents: 100)
                ])
                try await store.retract([older[0]])
                let waiting = try #require(try await harness.openWindows().first)
                #expect(waiting.id == first.id && waiting.events == 1 && waiting.waitsFor == .service)
                let claims = try await harness.claimedBeside(waiting, younger)
                try await store.retract([younger[1]])
                try await store.postpone([
                    Postponement(claims, delay: harness.ticks(5), reason: .service, maxEvents: 2)
                ])
                #expect(try await harness.openWindows().map(\.events) == [2])
                try await store.retract([younger[0]])
                try await harness.advance(ticks: 5)
                #expect(try await harness.claim().claims.map(\.events) == [[older[1]]])
                try await harness.expectRetracted([older[0], younger[0], younger[1]])
            },
            Check("A leading window stays open when its later events are retracted") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let policy = WindowPolicy(mode: .leading, length: harness.ticks(10))
                try await harness.accept([events[0], events[1]], policy)
                let lead = try #require(try await harness.claim().claims.first)
                #expect(lead.events == [events[0]] && lead.isAlone)
                try await store.digest([samples.digest(lead)])
                try await store.retract([events[1]])
                let window = try #require(try await harness.openWindows().first)
                #expect(window.events == 0)
                try await harness.accept([events[2]], policy)
                #expect(try await harness.claim().claims.isEmpty)
                #expect(try await harness.openWindows().map(\.id) == [window.id])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[events[2]]])
            },
            Check("A leading event can be retracted before it is notified") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                try await harness.accept(events, WindowPolicy(mode: .leading, length: harness.ticks(10)))
                try await store.retract([events[0]])
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
            },
            Check("A retracted event that waits for a window outside the store gets none") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.relay(events)
                #expect(try await store.retract([events[1]]) == [events[1].id])
                #expect(try await store.unassignedEvents(events.map(\.id)) == [events[0], events[2]])
                #expect(try await store.digested([samples.digest(events)]).ids.isEmpty)
                #expect(try await store.readmit([events[1]], as: .alone).isEmpty)
                #expect(try await store.markDead([events[1].id], reason: "failed").isEmpty)
                let digest = samples.digest([events[0], events[2]])
                try await store.digest([digest])
                #expect(try await store.notification(digest.id)?.eventCount == 2)
                try await harness.expectRetracted([events[1]])
                #expect(
                    try await store.events(of: Samples.recipient, after: nil, limit: 9).items.map(\.stored.event)
                        == events.reversed())
            },
            Check("Ended, dead, unknown and already retracted events are not retracted") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (notified, dead, gone) = (samples.event(), samples.event(), samples.event())
                let retracted = samples.event(recipient: 43)
                try await store.relay([dead])
                try await store.markDead([dead.id], reason: "bad_payload")
                let digest = samples.digest(try await harness.claimed([notified]))
                try await store.digest([digest])
                try await harness.accept([retracted])
                #expect(try await store.retract([retracted, notified, dead, gone, retracted]) == [retracted.id])
                #expect(try await store.retract([retracted, notified, dead, gone]).isEmpty)
                #expect(
                    try await store.events([notified.id, dead.id, retracted.id]).map(\.status)
                        == [.processed, .dead, .suppressed])
            },
            Check("A retracted event is erased with its recipient, and pruned after its retention") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, other) = (samples.event(), samples.event(recipient: 43))
                try await harness.accept([event])
                try await store.relay([other])
                try await store.retract([event, other])
                try await store.erase(Samples.recipient)
                #expect(try await store.stored(event) == nil)
                try await harness.expectRetracted([other])
                try await harness.advance(ticks: 2)
                let now = try await store.transaction("now") { $0.now }
                let count = try await store.transaction("prune") {
                    try $0.prune(.events, before: now, limit: 10)
                }
                #expect(count == 2)
                #expect(try await store.stored(other) == nil)
            },
        ]
    }
}

extension EventStoreHarness {
    /// Expects that these events ended as retracted.
    func expectRetracted(_ events: [Event]) async throws {
        let stored = try await store.events(events.map(\.id))
        #expect(stored.map(\.event) == events.sorted { $0.id < $1.id })
        for event in stored {
            #expect(event.status == .suppressed && event.reason == "retracted" && event.finishedAt != nil)
            #expect(event.notificationID == nil)
        }
    }

    /// Claims a window with these events, whose key has another window that waits for a service.
    fileprivate func claimedBeside(_ waiting: LiveWindow, _ events: [Event]) async throws -> ClaimedWindow {
        try await accept(events, WindowPolicy(length: ticks(1)))
        try await advance(ticks: 2)
        let claims = try await claim().claims
        return try #require(claims.first { $0.id != waiting.id })
    }
}

extension EventStore {
    /// - Returns: the events that were live.
    @discardableResult
    func retract(_ events: [Event]) async throws -> [EventID] {
        try await transaction("retract") { try $0.retract(events.map(\.id)) }
    }
}
