import SheafCore
import Testing

extension EventStoreConformance {
    static var recipients: [Check] {
        [
            Check("A recipient's events are read newest first, with every outcome, and no other recipient's") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(5)
                let key = Samples.key()
                let window = WindowSpan(key: key, openedAt: samples.start, closesAt: samples.start + .seconds(60))
                try await store.relay(events + samples.events(2, recipient: 43))
                let notified = samples.digest([events[0], events[3]], window: window)
                let silent = samples.digest([events[1]], composition: .suppressed(reason: "no_banned_items"))
                try await store.digest([notified, silent])
                try await store.markDead([events[2].id], reason: "bad_payload")
                let page = try await store.events(of: 42, after: nil, limit: 9)
                #expect(page.next == nil)
                #expect(page.items.map(\.stored.event) == events.reversed())
                #expect(page.items.map(\.stored.status) == [.new, .processed, .dead, .suppressed, .processed])
                #expect(page.items.map(\.stored.reason) == [nil, nil, "bad_payload", "no_banned_items", nil])
                #expect(page.items.map(\.window) == [nil, key, nil, key, key])
                #expect(page.items.allSatisfy { $0.closesAt == nil })
                #expect(page.items.map(\.delivery) == [nil, .pending, nil, nil, .pending])
                #expect(page.items.map(\.stored.notificationID) == [nil, notified.id, nil, nil, notified.id])
                #expect(
                    try await store.events(of: 44, after: nil, limit: 9) == RecipientEventPage(items: [], next: nil))
            },
            Check("A recipient's events are paged in their own order, not in that of their windows") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(8)
                try await store.relay(events)
                // The later window has the older event, and the first, the middle and the last wait.
                try await store.digest([samples.digest([events[1], events[6]]), samples.digest([events[2]])])
                try await store.markDead([events[5].id], reason: "bad_payload")
                try await store.digest([samples.digest([events[3]])])
                var read: [Event] = []
                var cursor: EventID?
                for expected in [3, 3, 2] {
                    let page = try await store.events(of: 42, after: cursor, limit: 3)
                    #expect(page.items.count == expected)
                    read += page.items.map(\.stored.event)
                    cursor = page.next
                }
                #expect(cursor == nil)
                #expect(read == events.reversed())
            },
            Check("A recipient's events in live windows are read with their windows") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(6)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 2)
                let exception = EventException(event: events[0].id, status: .dead, reason: "bad_payload")
                let first = try await harness.claimed(Array(events[..<2]), policy)
                let digest = samples.digest(first, exceptions: [exception])
                try await store.digest([digest])
                try await store.accept([events[2]], as: .alone)
                let alone = try #require(try await harness.claim().claims.first)
                try await store.digest([samples.digest(alone, composition: .suppressed(reason: "quiet"))])
                try await harness.accept([events[3]], policy)
                try await store.accept([events[4]], as: .alone)
                try await store.relay([events[5]])
                let open = try #require(try await harness.openWindows().first)
                let items = try await store.events(of: 42, after: nil, limit: 9).items
                #expect(items.map(\.stored.event) == events.reversed())
                #expect(items.map(\.stored.status) == [.new, .new, .new, .suppressed, .processed, .dead])
                #expect(items.map(\.stored.reason) == [nil, nil, nil, "quiet", nil, "bad_payload"])
                let key = Samples.key()
                #expect(items.map(\.window) == [nil, nil, key, nil, key, key])
                #expect(items.map(\.closesAt) == [nil, nil, open.closesAt, nil, nil, nil])
                #expect(items.map(\.delivery) == [nil, nil, nil, nil, .pending, nil])
                #expect(items.map(\.stored.notificationID) == [nil, nil, nil, nil, digest.id, nil])
                #expect(items.map { $0.stored.window == nil } == [true, false, false, false, false, false])
            },
            Check("An event that a replay composed again is returned once, with its first notification") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let first = samples.digest([event])
                try await store.relay([event])
                try await store.digest([first])
                let again = samples.replayed([event])
                _ = try await store.transaction("replay") { try $0.replay([again], as: "r1") }
                let page = try await store.events(of: 42, after: nil, limit: 2)
                #expect(page.items.map(\.stored.notificationID) == [first.id] && page.next == nil)
            },
            Check("The newest of 2,000 events of a recipient are found among those of others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<4000).map { samples.event(recipient: $0 % 2 == 0 ? 42 : 43) }
                try await store.relay(events)
                let own = events.filter { $0.recipient == 42 }
                try await store.digest([samples.digest(Array(own.dropLast(10)))])
                let page = try await store.events(of: 42, after: nil, limit: 15)
                #expect(page.items.map(\.stored.event.id) == own.suffix(15).reversed().map(\.id))
                #expect(page.next == own[own.count - 15].id)
            },
            Check("Windows that lost the events they ended with make short pages, and nothing is left out") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (old, events, new) = (samples.events(2), samples.events(6), samples.event())
                try await store.relay(old + events + [new])
                try await store.digest(
                    [samples.digest(old)]
                        + events.map { event in
                            samples.digest(
                                [event],
                                exceptions: [EventException(event: event.id, status: .dead, reason: "bad_payload")])
                        })
                // Each is admitted and dies repeatedly, so many windows share their last event and have no event.
                for _ in 0..<4 {
                    let again = try await store.readmit(events, as: .relayed)
                    try await store.digest(
                        again.map { event in
                            samples.digest(
                                [event],
                                exceptions: [EventException(event: event.id, status: .dead, reason: "bad_payload")])
                        })
                }
                try await store.readmit(events, as: .relayed)
                try await store.digest([samples.digest([new]), samples.digest(events)])
                for limit in [1, 2, 3, 10] {
                    #expect(try await store.walk(limit: limit) == (old + events + [new]).map(\.id).reversed())
                }
            },
        ]
            + (UInt64(1)...6).map { seed in
                Check("Random windows \(seed): pages of any size hold each of a recipient's events once, in order") {
                    harness async throws in
                    var script = RecipientScript(harness, seed: seed)
                    for _ in 0..<(harness.isExact ? 400 : 120) { try await script.step() }
                    for _ in 0..<3 { try await script.prune() }
                    let kept = try await harness.store.events(script.accepted).map(\.event.id).sorted(by: >)
                    #expect(kept.count > 20 && kept.count < script.accepted.count)
                    let whole = try await harness.store.events(of: Samples.recipient, after: nil, limit: 10_000)
                    #expect(whole.items.map(\.stored.event.id) == kept && whole.next == nil)
                    for limit in [1, 2, 3, 10] {
                        #expect(try await harness.store.walk(limit: limit) == kept, "limit \(limit)")
                    }
                }
            }
    }
}

extension EventStore {
    /// The events on all of the recipient's pages.
    fileprivate func walk(limit: Int) async throws -> [EventID] {
        var (ids, cursor): ([EventID], EventID?) = ([], nil)
        while true {
            let page = try await events(of: Samples.recipient, after: cursor, limit: limit)
            let own = page.items.map(\.stored.event.id)
            try #require(own.count <= limit)
            ids += own
            guard let next = page.next else { return ids }
            try #require(cursor.map { next < $0 } ?? true, "each page gets further")
            cursor = next
        }
    }
}

/// Random windows of a few keys of one recipient, which overlap and end in any order.
private struct RecipientScript {
    private let harness: any EventStoreHarness
    private let samples = Samples()
    private var random: SeededGenerator
    private var claims: [ClaimedWindow] = []
    private(set) var accepted: [EventID] = []
    private var events: [EventID: Event] = [:]

    init(_ harness: any EventStoreHarness, seed: UInt64) {
        self.harness = harness
        random = SeededGenerator(seed: seed)
    }

    mutating func step() async throws {
        let store = harness.store
        let event = samples.event(keyPart: "\(Int.random(in: 0..<6, using: &random))")
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45:
            let maxEvents = Int.random(in: 1...12, using: &random)
            try await accept(event, as: .window(WindowPolicy(length: harness.ticks(500), maxEvents: maxEvents)))
        case ..<55: try await accept(event, as: .relayed)
        case ..<60: try await accept(event, as: .ended(reason: "quiet"))
        case ..<63: try await store.accept([samples.event(recipient: 43)], as: .alone)
        case ..<75: _ = try await store.flush(event.windowKey)
        case ..<85:
            claims += try await harness.claim(windows: 3).claims
            claims.shuffle(using: &random)
            let ended = claims.suffix(2)
            claims.removeLast(ended.count)
            _ = try await store.digested(ended.map { digest($0) })
        case ..<90:
            let free = try await store.unassignedEvents(accepted).filter { _ in Bool.random(using: &random) }
            if !free.isEmpty { _ = try await store.digested([samples.digest(free)]) }
        case ..<92: if let id = accepted.randomElement(using: &random) { try await store.markDead([id], reason: "bad") }
        case ..<95:
            let some = accepted.shuffled(using: &random).prefix(3)
            _ = try await store.transaction("retract") { try $0.retract(Array(some)) }
        case ..<98:
            let some = accepted.suffix(40).filter { _ in Bool.random(using: &random) }.compactMap { events[$0] }
            try await store.readmit(some, as: Bool.random(using: &random) ? .alone : .relayed)
        default: try await prune()
        }
    }

    func prune() async throws {
        _ = try await harness.store.transaction("prune") { try $0.prune(.events, before: .distantFuture, limit: 2) }
    }

    private mutating func accept(_ event: Event, as admission: Admission) async throws {
        try await harness.store.accept([event], as: admission)
        accepted.append(event.id)
        events[event.id] = event
    }

    private mutating func digest(_ claim: ClaimedWindow) -> Digest {
        let dead = claim.events.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        let composition: Composition =
            dead.count == claim.events.count || Bool.random(using: &random)
            ? .suppressed(reason: "quiet") : .notification(Samples.content)
        return samples.digest(
            claim, exceptions: dead.map { EventException(event: $0.id, status: .dead, reason: "bad_payload") },
            composition: composition)
    }
}
