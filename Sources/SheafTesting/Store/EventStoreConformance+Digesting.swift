import SheafCore
import Testing

extension EventStoreConformance {
    static var digesting: [Check] {
        [
            Check("A digest ends its window and makes a pending notification, with the message that sends it") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, other) = (samples.events(3), samples.event(recipient: 43))
                try await harness.accept([other])
                let claim = try await harness.claimed(events)
                let digest = samples.digest(
                    claim, traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                let now = try await store.digest([digest])
                #expect(
                    try await store.events(events.map(\.id))
                        == events.map {
                            StoredEvent(
                                event: $0, status: .processed, window: claim.id, notificationID: digest.id,
                                finishedAt: now)
                        })
                #expect(
                    try await store.notification(digest.id)
                        == UserNotification(
                            id: digest.id, recipient: Samples.recipient, type: Samples.type, content: Samples.content,
                            eventCount: 3, createdAt: now, traceParent: digest.traceParent))
                #expect(
                    try await store.endedWindow(claim.id)
                        == EndedWindow(
                            id: claim.id, span: claim.window, isAlone: false, events: 3, endedAt: now,
                            notification: digest.id, reason: nil, attempts: 1))
                #expect(try await store.liveWindow(claim.id) == nil)
                #expect(try await store.events(in: digest.id) == events.map(\.id))
                #expect(try await store.stored(other)?.status == .new)
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                #expect(
                    try await consumer.receive(limit: 10).map(\.message)
                        == [QueueMessage(key: Samples.recipient, body: .notification(digest.id))])
            },
            Check("An ended window keeps its key byte for byte") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let parts: [String?] = [nil, "", "7", "a:b%3A", "Осень 🍂", "caf\u{E9}", "cafe\u{301}"]
                try await store.accept(parts.map { samples.event(recipient: .min, keyPart: $0) }, as: .alone)
                let claims = try await harness.claim().claims
                #expect(claims.count == parts.count)
                try await store.digest(claims.map { samples.digest($0) })
                for claim in claims {
                    let ended = try #require(try await store.endedWindow(claim.id))
                    #expect(ended.span == claim.window && ended.isAlone)
                    #expect(ended.span.key.part?.exactly == claim.events.first?.keyPart?.exactly)
                }
            },
            Check("Suppressed events carry the reason, and there is no notification") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let claim = try await harness.claimed(events)
                let digest = samples.digest(claim, composition: .suppressed(reason: "no_banned_items"))
                let now = try await store.digest([digest])
                #expect(
                    try await store.events(events.map(\.id))
                        == events.map {
                            StoredEvent(
                                event: $0, status: .suppressed, reason: "no_banned_items", window: claim.id,
                                finishedAt: now)
                        })
                #expect(try await store.notification(digest.id) == nil)
                #expect(try await store.events(in: digest.id).isEmpty)
                let ended = try #require(try await store.endedWindow(claim.id))
                #expect(ended.notification == nil && ended.reason == "no_banned_items" && ended.events == 2)
                let page = try await store.feed(recipient: Samples.recipient, after: nil, limit: 10, unreadOnly: false)
                #expect(page.items.isEmpty && page.unread == 0)
                #expect(try await store.statistics().messages == 0)
            },
            Check("Events with outcomes of their own are not in the notification or its count") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(5)
                let claim = try await harness.claimed(events)
                let digest = samples.digest(
                    claim,
                    exceptions: [
                        EventException(event: events[3].id, status: .suppressed, reason: "retracted"),
                        EventException(event: events[1].id, status: .dead, reason: "bad_payload"),
                    ])
                let now = try await store.digest([digest])
                #expect(try await store.notification(digest.id)?.eventCount == 3)
                #expect(try await store.endedWindow(claim.id)?.events == 5)
                #expect(try await store.events(in: digest.id) == [events[0].id, events[2].id, events[4].id])
                let stored = try await store.events(events.map(\.id))
                #expect(stored.map(\.status) == [.processed, .dead, .processed, .suppressed, .processed])
                #expect(stored.map(\.reason) == [nil, "bad_payload", nil, "retracted", nil])
                let ids = stored.map(\.notificationID)
                #expect(ids == [digest.id, nil, digest.id, nil, digest.id])
                #expect(stored.allSatisfy { $0.finishedAt == now && $0.window == claim.id })
                #expect(try await store.statistics().newEvents == 0)
            },
            Check("A window can end with nothing but exceptions") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let digest = samples.digest(
                    try await harness.claimed(events),
                    exceptions: events.map { EventException(event: $0.id, status: .dead, reason: "bad_payload") },
                    composition: .suppressed(reason: "empty"))
                try await store.digest([digest])
                let stored = try await store.events(events.map(\.id))
                #expect(
                    stored.map(\.status) == [.dead, .dead] && stored.map(\.reason) == ["bad_payload", "bad_payload"])
                #expect(try await store.notification(digest.id) == nil)
            },
            Check("Many digests of one call are stored together") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<500).map { samples.event(recipient: Int64($0 / 2)) }
                try await harness.accept(events, WindowPolicy(length: harness.ticks(500), maxEvents: 2))
                let claims = try await harness.claim().claims
                #expect(claims.count == 250)
                let digests = claims.enumerated().map { index, claim in
                    samples.digest(
                        claim,
                        exceptions: index % 3 == 0
                            ? [EventException(event: claim.events[0].id, status: .dead, reason: "bad_payload")] : [],
                        composition: index % 2 == 0
                            ? .notification(Samples.content) : .suppressed(reason: "quiet"))
                }
                try await store.digest(digests)
                #expect(try await store.statistics().newEvents == 0)
                #expect(try await store.statistics().backlog[.notificationSend] == 125)
                let notifications = try await store.notifications(digests.map(\.id))
                #expect(notifications.count == 125)
                let counts = Dictionary(uniqueKeysWithValues: digests.map { ($0.id, $0.eventCount) })
                let areRight = notifications.allSatisfy { counts[$0.id] == $0.eventCount }
                #expect(areRight)
                let stored = try await store.events(events.map(\.id))
                #expect(stored.count { $0.status == .dead } == 84)
                #expect(try await store.endedWindow(claims[249].id)?.reason == "quiet")
            },
            Check("A digest of 10,000 events is one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(10_000)
                let claim = try await harness.claimed(events, WindowPolicy(length: harness.ticks(500)))
                let digest = samples.digest(
                    claim,
                    exceptions: events[..<2000].map {
                        EventException(event: $0.id, status: .suppressed, reason: "not_kept")
                    })
                try await store.digest([digest])
                #expect(try await store.notification(digest.id)?.eventCount == 8000)
                #expect(try await store.events(in: digest.id) == events[2000...].map(\.id))
                #expect(try await store.statistics().newEvents == 0)
            },
        ]
    }

    static var digestConflicts: [Check] {
        [
            Check("A digest with a wrong token, revision or number of events is refused without affecting others") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<6).map { samples.events(2, recipient: Int64($0)) }
                try await harness.accept(
                    events.flatMap(\.self), WindowPolicy(length: harness.ticks(500), maxEvents: 2))
                let claims = try await harness.claim().claims.sorted {
                    $0.window.key.recipient < $1.window.key.recipient
                }
                #expect(claims.map(\.events) == events)
                func changed(_ claim: ClaimedWindow, token: Int64 = 0, revision: Int64 = 0, events: Int = 2) -> Digest {
                    samples.digest(
                        ClaimedWindow(
                            id: claim.id, token: claim.token &+ token, revision: claim.revision + revision,
                            window: claim.window, isAlone: claim.isAlone, events: Array(claim.events.prefix(events)),
                            attempt: claim.attempt, lateness: claim.lateness))
                }
                let digests = [
                    samples.digest(claims[0]), changed(claims[1], token: 1), changed(claims[2], revision: 1),
                    changed(claims[3], revision: -1), changed(claims[4], events: 1), samples.digest(claims[5]),
                ]
                #expect(try await store.digested(digests).ids == [digests[0].id, digests[5].id])
                #expect(try await store.notifications(digests.map(\.id)).count == 2)
                #expect(try await store.statistics().backlog[.notificationSend] == 2)
                for (index, claim) in claims.enumerated() {
                    let isEnded = [0, 5].contains(index)
                    #expect((try await store.endedWindow(claim.id) != nil) == isEnded)
                    #expect((try await store.liveWindow(claim.id) == nil) == isEnded)
                    let stored = try await store.events(claim.events.map(\.id))
                    #expect(stored.allSatisfy { $0.status == (isEnded ? .processed : .new) && $0.window == claim.id })
                }
                try await store.digest(claims[1..<5].map { samples.digest($0) })
            },
            Check("A window ends once, also within one call") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed(samples.events(2))
                let digests = [samples.digest(claim), samples.digest(claim)]
                let done = try await store.digested(digests).ids
                #expect(done.count == 1 && done.isSubset(of: digests.map(\.id)))
                #expect(try await store.digested([samples.digest(claim)]).ids.isEmpty)
                #expect(try await store.endedWindow(claim.id)?.notification == done.first)
                #expect(try await store.statistics().backlog[.notificationSend] == 1)
            },
            Check("A window that is unknown, handed back or waiting cannot be digested") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.accept(samples.events(2), as: .alone)
                let claims = try await harness.claim().claims
                #expect(claims.count == 2)
                try await store.nack([claims[0]])
                try await store.postpone([
                    Postponement(claims[1], delay: harness.ticks(1), reason: .service, maxEvents: 1)
                ])
                let unknown = Digest(
                    id: samples.notificationID(), source: .claim(.max, token: 1, revision: 0),
                    window: samples.window(), events: [], composition: .suppressed(reason: "empty"))
                let digests = claims.map { samples.digest($0) } + [unknown]
                #expect(try await store.digested(digests).ids.isEmpty)
                #expect(try await store.statistics().newEvents == 2)
            },
            Check("If many digest the same window at once, one succeeds") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed(samples.events(3))
                try await store.accept((0..<20).map { samples.event(recipient: Int64($0)) }, as: .alone)
                let others = try await harness.claim().claims
                #expect(others.count == 20)
                let done = try await withThrowingTaskGroup(of: (Bool, Bool).self) { group in
                    for other in others {
                        let digests = [samples.digest(other), samples.digest(claim)]
                        group.addTask {
                            let ids = try await store.digested(digests).ids
                            return (ids.contains(digests[0].id), ids.contains(digests[1].id))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(done.allSatisfy { $0.0 })
                #expect(done.count { $0.1 } == 1)
                #expect(try await store.statistics().backlog[.notificationSend] == 21)
            },
        ]
    }
}
