import SheafCore
import Testing

extension EventStoreConformance {
    static var waiting: [Check] {
        [
            Check("A postponed window is claimed again after its delay, and attempts count up") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let first = try await harness.claimed(samples.events(2))
                var claim = first
                for attempt in 2...3 {
                    try await harness.postpone([claim], ticks: 3)
                    let waiting = try await harness.claim()
                    #expect(waiting.claims.isEmpty && harness.isClose(waiting.nextDueIn, to: harness.ticks(3)))
                    try await harness.advance(by: harness.ticks(3) - harness.margin)
                    #expect(try await harness.claim().claims.isEmpty)
                    try await harness.advance(by: harness.margin)
                    let next = try #require(try await harness.claim().claims.first)
                    #expect(next.id == first.id && next.events == first.events && next.window == first.window)
                    #expect(next.attempt == attempt && next.token != claim.token)
                    #expect(try await store.digested([samples.digest(claim)]).ids.isEmpty)
                    claim = next
                }
                try await store.digest([samples.digest(claim)])
            },
            Check("A waiting window is shown with its reason and the end of its wait") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let reasons = WaitReason.allCases
                try await store.accept(reasons.indices.map { samples.event(recipient: Int64($0)) }, as: .alone)
                let claims = try await harness.claim().claims.sorted { $0.id < $1.id }
                #expect(claims.count == reasons.count)
                #expect(try await harness.openWindows().isEmpty)
                let postponements = zip(claims, reasons).enumerated().map { index, pair in
                    Postponement(pair.0, delay: harness.ticks(100 + index), reason: pair.1, maxEvents: 9)
                }
                try await store.postpone(postponements)
                let shown = try await harness.openWindows()
                #expect(shown.map(\.id) == claims.map(\.id) && shown.map(\.waitsFor) == reasons)
                #expect(shown.map(\.openedAt) == claims.map(\.window.openedAt))
                let delays = zip(shown, shown.dropFirst()).map { $1.closesAt - $0.closesAt }
                #expect(delays == Array(repeating: harness.ticks(1), count: reasons.count - 1))
                #expect(shown[0].closesAt - shown[0].openedAt >= harness.ticks(100))
                #expect(try await store.liveWindow(claims[1].id) == shown[1])
                #expect(try await store.openWindows(after: nil, limit: 1).total == reasons.count)
                #expect(try await store.statistics().newEvents == reasons.count)
                let item = try #require(try await store.events(of: 0, after: nil, limit: 1).items.first)
                #expect(item.stored.status == .new && item.window == nil && item.closesAt == nil)
            },
            Check("A window that waited is shown while it is retried; a flush finds it and does not affect it") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                try await harness.postpone([try await harness.claimed([events[0]])], ticks: 1)
                try await harness.accept([events[1]])
                #expect(try await store.flush(Samples.key()))
                let claims = try await harness.claim().claims.sorted { $0.id < $1.id }
                #expect(claims.map(\.events) == [[events[0]], [events[1]]])
                #expect(claims.map(\.attempt) == [2, 1])
                #expect(try await harness.openWindows().map(\.waitsFor) == [.service])
                #expect(try await store.flush(Samples.key()))
                // A younger window of its key that must wait does not join it either.
                try await harness.postpone([claims[1]], ticks: 1)
                #expect(try await store.digested([samples.digest(claims[0])]).ids.count == 1)
                #expect(try await store.endedWindow(claims[0].id)?.attempts == 2)
                #expect(try await harness.openWindows().map(\.events) == [1])
                try await harness.advance(ticks: 1)
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
            },
            Check("An event whose key has a waiting window opens the next window, or joins it") {
                harness async throws in
                let samples = Samples()
                let events = samples.events(3)
                let claim = try await harness.claimed([events[0]])
                try await harness.postpone([claim], ticks: 100)
                try await harness.accept([events[1]])
                try await harness.accept([events[2]])
                let shown = try await harness.openWindows()
                #expect(shown.map(\.events) == [1, 2] && shown.map(\.waitsFor) == [.service, nil])
                let items = try await harness.store.events(of: 42, after: nil, limit: 9).items
                #expect(items.map(\.closesAt) == [shown[1].closesAt, shown[1].closesAt, shown[0].closesAt])
            },
            Check("Flushing ends the wait for a service, and no other") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for reason in WaitReason.allCases {
                    for isAlone in [false, true] {
                        let recipient = Int64(reason.rawValue.utf8.count * 2 + (isAlone ? 1 : 0))
                        let event = samples.event(recipient: recipient)
                        try await store.accept(
                            [event], as: isAlone ? .alone : .window(WindowPolicy(length: .zero)))
                        let claims = try await harness.claim().claims
                        #expect(claims.map(\.events) == [[event]])
                        try await harness.postpone(claims, ticks: 100, reason)
                        #expect(try await store.flush(Samples.key(recipient: recipient, part: "8")) == false)
                        #expect(try await store.flush(event.windowKey) == (reason == .service))
                        let due = try await harness.claim().claims
                        #expect(due.map(\.events) == (reason == .service ? [[event]] : []))
                        #expect(due.allSatisfy { $0.attempt == 2 })
                        try await store.digest(due.map { samples.digest($0) })
                    }
                }
            },
            Check("A claim that is not held cannot be postponed") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.accept(samples.events(3), as: .alone)
                let claims = try await harness.claim().claims
                #expect(claims.count == 3)
                try await store.nack([claims[0]])
                try await store.digest([samples.digest(claims[1])])
                try await harness.postpone(claims, ticks: 100)
                #expect(try await harness.openWindows().map(\.id) == [claims[2].id])
                #expect(try await harness.claim().claims.map(\.id) == [claims[0].id])
            },
            Check("An ended window has how often it was claimed, and for what it waited") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for (count, reason) in WaitReason.allCases.enumerated() {
                    var claim = try await harness.claimed([samples.event(recipient: Int64(count))])
                    for _ in 0...count {
                        try await harness.postpone([claim], ticks: 1, reason)
                        try await harness.advance(ticks: 1)
                        claim = try #require(try await harness.claim().claims.first)
                    }
                    // It has waited, also if it was handed back since.
                    try await store.nack([claim])
                    claim = try #require(try await harness.claim().claims.first)
                    try await store.digest([samples.digest(claim)])
                    let ended = try #require(try await store.endedWindow(claim.id))
                    #expect(ended.attempts == claim.attempt && ended.attempts == count + 2)
                    #expect(ended.waitedFor == reason)
                }
                let prompt = try await harness.claimed([samples.event(recipient: 99)])
                try await store.digest([samples.digest(prompt)])
                let ended = try #require(try await store.endedWindow(prompt.id))
                #expect(ended.attempts == 1 && ended.waitedFor == nil)
            },
            Check("A wait survives a crash") { harness async throws in
                let claim = try await harness.claimed(Samples().events(2))
                try await harness.postpone([claim], ticks: 3, .daily)
                let shown = try await harness.openWindows()
                let reopened = try await harness.reopen()
                #expect(try await reopened.openWindows(after: nil, limit: 9).items == shown)
                let limits = ClaimLimits(windows: 9, events: 99)
                #expect(try await reopened.claim(limits, lease: harness.ticks(20)).claims.isEmpty)
                try await harness.advance(ticks: 3)
                #expect(try await reopened.claim(limits, lease: harness.ticks(20)).claims.map(\.attempt) == [2])
            },
        ]
    }

    static var merging: [Check] {
        [
            Check("A window that must wait joins the older waiting window of its key, whose wait does not change") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(5)
                let older = try await harness.claimed(Array(events[..<2]))
                try await harness.postpone([older], ticks: 5, .daily)
                let before = try #require(try await harness.openWindows().first)
                try await harness.advance(ticks: 1)
                let younger = try await harness.claimed(Array(events[2...]))
                #expect(younger.id > older.id)
                try await harness.postpone([younger], ticks: 100, .cap)
                let merged = LiveWindow(
                    id: older.id, key: before.key, events: 5, bytes: events.payloadBytes, openedAt: before.openedAt,
                    closesAt: before.closesAt, waitsFor: .daily)
                #expect(try await harness.openWindows() == [merged])
                #expect(try await store.liveWindow(younger.id) == nil)
                #expect(
                    try await store.events(events.map(\.id))
                        == events.map { StoredEvent(event: $0, window: older.id) })
                #expect(try await store.digested([older, younger].map { samples.digest($0) }).ids.isEmpty)
                try await harness.advance(ticks: 4)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.id == older.id && claim.events == events && claim.window == older.window)
                #expect(claim.attempt == 2)
                let digest = samples.digest(claim)
                try await store.digest([digest])
                #expect(try await store.events(in: digest.id) == events.map(\.id))
                #expect(try await store.endedWindow(older.id)?.events == 5)
                #expect(try await store.endedWindow(younger.id) == nil)
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
            },
            Check("Windows of a key that are postponed together wait as one") { harness async throws in
                let events = Samples().events(6)
                try await harness.accept(events, WindowPolicy(length: harness.ticks(500), maxEvents: 2))
                let claims = try await harness.claim().claims.sorted { $0.id < $1.id }
                #expect(claims.count == 3)
                try await harness.postpone(claims.reversed(), ticks: 5)
                let shown = try await harness.openWindows()
                #expect(shown.map(\.id) == [claims[0].id] && shown.map(\.events) == [6])
                #expect(try await harness.store.statistics().newEvents == 6)
                _ = try await harness.store.flush(Samples.key())
                #expect(try await harness.claim().claims.map(\.events) == [events])
            },
            Check("The younger window joins the older, whichever waits first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                for event in events {
                    try await harness.accept([event])
                    _ = try await store.flush(event.windowKey)
                }
                let claims = try await harness.claim().claims
                let (older, younger) = (try #require(claims.first), try #require(claims.last))
                try await harness.postpone([younger], ticks: 5)
                try await harness.postpone([older], ticks: 5)
                let shown = try await harness.openWindows()
                #expect(shown.map(\.id) == [older.id] && shown.map(\.events) == [2])
                #expect(try await store.events(events.map(\.id)).map(\.window) == [older.id, older.id])
                try await harness.advance(ticks: 5)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == events)
                try await store.digest([samples.digest(claim)])
            },
            Check("Windows merge up to the maximum of events; after a full one the next begins") {
                harness async throws in
                let samples = Samples()
                let groups = [4, 1, 3, 2, 3].map { samples.events($0) }
                for group in groups {
                    let claim = try await harness.claimed(group)
                    try await harness.postpone([claim], ticks: 100, .daily, maxEvents: 5)
                }
                // 4 + 1 are full; 3 begin the next window, and 2 join it; 3 begin another.
                let shown = try await harness.openWindows()
                #expect(shown.map(\.events) == [5, 5, 3])
                let places = try await harness.store.events(groups.flatMap { $0.map(\.id) }).map(\.window)
                let expected = [5, 5, 3].enumerated().flatMap { index, count in
                    Array(repeating: shown[index].id, count: count)
                }
                #expect(places == expected)
            },
            Check("Windows of single events wait separately") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed([samples.event()])
                try await harness.postpone([claim], ticks: 5, .daily)
                try await store.accept(samples.events(2), as: .alone)
                let alone = try await harness.claim().claims
                #expect(alone.count == 2)
                try await harness.postpone(alone, ticks: 5, .daily)
                let other = try await harness.claimed([samples.event()])
                try await harness.postpone([other], ticks: 5, .daily)
                #expect(try await harness.openWindows().map(\.events) == [2, 1, 1])
                try await harness.advance(ticks: 5)
                let claims = try await harness.claim().claims.sorted { $0.id < $1.id }
                #expect(claims.map(\.isAlone) == [false, true, true])
            },
            Check("Windows of different keys never merge, compared by bytes") { harness async throws in
                let samples = Samples()
                let parts: [String?] = [nil, "", "caf\u{E9}", "cafe\u{301}"]
                let events =
                    parts.map { samples.event(keyPart: $0) } + [
                        samples.event(recipient: 43, keyPart: nil), samples.event(type: 2, keyPart: nil),
                    ]
                try await harness.accept(events, WindowPolicy(length: .zero))
                let claims = try await harness.claim().claims
                #expect(claims.count == events.count)
                try await harness.postpone(claims, ticks: 100)
                #expect(try await harness.openWindows().map(\.events) == Array(repeating: 1, count: events.count))
            },
            Check("If many postpone windows of one key at once, all events wait together") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(60)
                try await harness.accept(events, WindowPolicy(length: harness.ticks(500), maxEvents: 3))
                let claims = try await harness.claim().claims
                #expect(claims.count == 20)
                let delay = harness.ticks(100)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for claim in claims {
                        let postponement = Postponement(claim, delay: delay, reason: .service, maxEvents: 1000)
                        group.addTask { try await store.postpone([postponement]) }
                    }
                    try await group.waitForAll()
                }
                #expect(try await harness.openWindows().map(\.events) == [60])
                _ = try await store.flush(Samples.key())
                let merged = try await harness.claim().claims
                #expect(merged.map(\.events) == [events])
                try await store.digest(merged.map { samples.digest($0) })
            },
        ]
    }
}

extension EventStoreHarness {
    fileprivate func postpone(
        _ claims: [ClaimedWindow], ticks count: Int, _ reason: WaitReason = .service, maxEvents: Int = 1000
    ) async throws {
        try await store.postpone(
            claims.map { Postponement($0, delay: ticks(count), reason: reason, maxEvents: maxEvents) })
    }
}
