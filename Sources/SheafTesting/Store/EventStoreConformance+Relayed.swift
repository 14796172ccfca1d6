import SheafCore
import Testing

extension EventStoreConformance {
    static var relayedDigests: [Check] {
        [
            Check("A digest of events without a window ends them in one of its own") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, other) = (samples.events(3), samples.event())
                let exception = EventException(event: events[1].id, status: .dead, reason: "bad_payload")
                let digest = samples.digest(
                    events, exceptions: [exception],
                    traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                try await store.relay(events + [other])
                let now = try await store.digest([digest])
                let stored = try await store.events(events.map(\.id))
                let window = try #require(stored[0].window)
                #expect(
                    stored[0]
                        == StoredEvent(
                            event: events[0], status: .processed, window: window, notificationID: digest.id,
                            finishedAt: now))
                #expect(stored.map(\.status) == [.processed, .dead, .processed])
                #expect(stored.allSatisfy { $0.window == window })
                #expect(
                    try await store.notification(digest.id)
                        == UserNotification(
                            id: digest.id, recipient: Samples.recipient, type: Samples.type, content: Samples.content,
                            eventCount: 2, createdAt: now, traceParent: digest.traceParent))
                #expect(
                    try await store.endedWindow(window)
                        == EndedWindow(
                            id: window, span: digest.window, isAlone: false, events: 3, endedAt: now,
                            notification: digest.id, reason: nil, attempts: 1))
                #expect(try await store.events(in: digest.id) == [events[0].id, events[2].id])
                #expect(try await store.unassignedEvents(events.map(\.id) + [other.id]) == [other])
                #expect(try await store.statistics().backlog[.notificationSend] == 1)
            },
            Check("A digest with an ended event is refused without affecting others") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(6)
                try await store.relay(events)
                try await store.digest([samples.digest([events[1], events[3], events[4]])])
                let digests = [
                    samples.digest([events[0]]), samples.digest([events[1], events[2]]), samples.digest([events[5]]),
                    samples.digest([events[3], events[4]]),
                ]
                #expect(try await store.digested(digests).ids == [digests[0].id, digests[2].id])
                #expect(try await store.unassignedEvents(events.map(\.id)) == [events[2]])
                #expect(try await store.notifications(digests.map(\.id)).count == 2)
                #expect(try await store.stored(events[2]) == StoredEvent(event: events[2]))
            },
            Check("If two digests of a call share an event, one ends it") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.relay(events)
                let digests = [samples.digest([events[0], events[1]]), samples.digest([events[1], events[2]])]
                let done = try await store.digested(digests).ids
                #expect(done.count == 1 && done.isSubset(of: digests.map(\.id)))
                let rest = done == [digests[0].id] ? events[2] : events[0]
                #expect(try await store.unassignedEvents(events.map(\.id)) == [rest])
                #expect(try await store.notifications(digests.map(\.id)).map(\.id) == Array(done))
            },
            Check("An event that has a window, is dead or is unknown is not digested") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (suppressed, dead, waiting, unknown) =
                    (samples.event(), samples.event(), samples.event(), samples.event())
                try await store.relay([suppressed, dead])
                try await harness.accept([waiting])
                try await store.digest([samples.digest([suppressed], composition: .suppressed(reason: "quiet"))])
                try await store.markDead([dead.id], reason: "bad_payload")
                let digests = [suppressed, dead, waiting, unknown].map { samples.digest([$0]) }
                #expect(try await store.digested(digests).ids.isEmpty)
                #expect(try await store.stored(suppressed)?.reason == "quiet")
                #expect(try await store.stored(dead)?.status == .dead)
                #expect(try await store.stored(waiting)?.status == .new)
            },
            Check("A digest of 10,000 events without a window is one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(10_000)
                let digest = samples.digest(events)
                try await store.relay(events)
                try await store.digest([digest])
                #expect(try await store.notification(digest.id)?.eventCount == 10_000)
                #expect(try await store.events(in: digest.id) == events.map(\.id))
                #expect(try await store.statistics().newEvents == 0)
            },
            Check("If many digest the same event at once, one succeeds") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, others) = (samples.event(), samples.events(20))
                try await store.relay([event] + others)
                let done = try await withThrowingTaskGroup(of: Set<NotificationID>.self) { group in
                    for other in others {
                        let digest = samples.digest([other, event])
                        group.addTask { try await store.digested([digest]).ids }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(done.count == 1)
                #expect(try await store.stored(event)?.notificationID == done.first)
                #expect(try await store.statistics().newEvents == 19)
            },
            Check("Events without a window are marked as dead with the reason, others stay") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, waiting) = (samples.events(3), samples.event())
                try await store.relay(events)
                try await harness.accept([waiting])
                try await store.digest([samples.digest([events[1]])])
                let (dead, now) = try await store.transaction("dead") { transaction in
                    let ids = events.map(\.id) + [samples.eventID(), waiting.id]
                    return (try transaction.markDead(ids, reason: "refused"), transaction.now)
                }
                #expect(Set(dead) == [events[0].id, events[2].id] && dead.count == 2)
                #expect(
                    try await store.stored(events[0])
                        == StoredEvent(event: events[0], status: .dead, reason: "refused", finishedAt: now))
                #expect(try await store.stored(events[1])?.status == .processed)
                #expect(try await store.stored(waiting)?.status == .new)
                #expect(try await store.markDead([events[0].id], reason: "again").isEmpty)
                #expect(try await store.stored(events[0])?.reason == "refused")
            },
        ]
    }

    static var adopting: [Check] {
        [
            Check("A window from outside the store waits in the store, and is digested there") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.relay(events)
                let window = AdoptedWindow(
                    span: samples.window(), events: events.map(\.id), bytes: events.payloadBytes, attempt: 4,
                    delay: harness.ticks(3), reason: .service)
                #expect(try await store.adopt([window]) == [window])
                #expect(try await store.unassignedEvents(events.map(\.id)).isEmpty)
                let shown = try #require(try await harness.openWindows().first)
                #expect(shown.key == Samples.key() && shown.events == 3 && shown.waitsFor == .service)
                #expect(shown.openedAt == window.span.openedAt)
                #expect(
                    try await store.events(events.map(\.id))
                        == events.map { StoredEvent(event: $0, window: shown.id) })
                #expect(try await store.digested([samples.digest(events)]).ids.isEmpty)
                let early = try await harness.claim()
                #expect(early.claims.isEmpty && harness.isClose(early.nextDueIn, to: harness.ticks(3)))
                try await harness.advance(ticks: 3)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == events && claim.window == window.span && claim.id == shown.id)
                #expect(claim.attempt == 5 && !claim.isAlone)
                let digest = samples.digest(claim)
                try await store.digest([digest])
                #expect(try await store.events(in: digest.id) == events.map(\.id))
                let ended = try #require(try await store.endedWindow(claim.id))
                #expect(ended.attempts == 5 && ended.waitedFor == .service)
            },
            Check("A window at the highest possible attempt can be claimed, handed back and postponed") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.relay([event])
                let window = AdoptedWindow(
                    span: samples.window(), events: [event.id], bytes: event.payloadBytes, attempt: .max,
                    delay: .zero, reason: .service)
                #expect(try await store.adopt([window]) == [window])
                let first = try #require(try await harness.claim().claims.first)
                #expect(first.attempt == .max)
                try await store.postpone([
                    Postponement(first, delay: harness.ticks(1), reason: .service, maxEvents: .max)
                ])
                try await harness.advance(ticks: 1)
                let second = try #require(try await harness.claim().claims.first)
                #expect(second.attempt == .max)
                try await store.nack([second])
                let third = try #require(try await harness.claim().claims.first)
                #expect(third.attempt == .max && third.events == [event])
            },
            Check("A window is not adopted if one of its events has a window or an outcome, or is missing") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, dead, waiting) = (samples.events(5), samples.event(), samples.event())
                try await store.relay(events + [dead])
                try await store.markDead([dead.id], reason: "bad_payload")
                try await harness.accept([waiting])
                func adopted(_ events: [EventID]) -> AdoptedWindow {
                    AdoptedWindow(
                        span: samples.window(), events: events, bytes: 1, attempt: 1, delay: harness.ticks(9),
                        reason: .cap)
                }
                let windows = [
                    adopted([events[0].id, dead.id]), adopted([events[1].id]), adopted([waiting.id, events[2].id]),
                    adopted([events[3].id, samples.eventID()]), adopted([events[1].id, events[4].id]),
                ]
                #expect(try await store.adopt(windows) == [windows[1]])
                #expect(
                    try await store.unassignedEvents(events.map(\.id)) == [events[0], events[2], events[3], events[4]])
                #expect(try await harness.openWindows().filter { $0.waitsFor == .cap }.map(\.events) == [1])
            },
        ]
    }
}

extension EventStore {
    fileprivate func adopt(_ windows: [AdoptedWindow]) async throws -> Set<AdoptedWindow> {
        try await transaction("adopt") { try $0.adopt(windows) }
    }
}
