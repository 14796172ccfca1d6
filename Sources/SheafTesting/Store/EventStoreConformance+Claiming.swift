import SheafCore
import Testing

extension EventStoreConformance {
    static var claiming: [Check] {
        [
            Check("A store without windows has nothing to claim") { harness async throws in
                let store = harness.store
                try await store.relay(Samples().events(2))
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
                #expect(
                    try await store.openWindows(after: nil, limit: 10)
                        == LiveWindowPage(items: [], total: 0, next: nil))
                #expect(try await store.renew([], lease: harness.ticks(1)).isEmpty)
                try await store.nack([])
                try await store.postpone([])
                #expect(try await store.digested([]).ids.isEmpty)
                #expect(try await store.flush(Samples.key()) == false)
            },
            Check("A claim holds the window, its events oldest first, and its lateness") { harness async throws in
                let events = Samples().events(4)
                let policy = WindowPolicy(length: harness.ticks(2))
                try await harness.accept([events[2], events[0]], policy)
                try await harness.accept([events[3], events[1]], policy)
                let opened = try #require(try await harness.openWindows().first)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: harness.ticks(2)))
                try await harness.advance(ticks: 5)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.id == opened.id && claim.events == events && claim.attempt == 1 && !claim.isAlone)
                #expect(
                    claim.window
                        == WindowSpan(key: Samples.key(), openedAt: opened.openedAt, closesAt: opened.closesAt))
                #expect(claim.lateness >= harness.ticks(3) && harness.isClose(harness.ticks(3), to: claim.lateness))
                #expect(try await harness.openWindows().isEmpty)
                #expect(try await harness.store.liveWindow(claim.id)?.events == 4)
                #expect(try await harness.store.events(events.map(\.id)).map(\.status).allSatisfy { $0 == .new })
            },
            Check("Windows are claimed in the order in which they fell due") { harness async throws in
                let samples = Samples()
                let events = (0..<5).map { samples.event(recipient: Int64($0)) }
                for (event, length) in zip(events, [4, 1, 5, 2, 3]) {
                    try await harness.accept([event], WindowPolicy(length: harness.ticks(length)))
                }
                try await harness.advance(ticks: 6)
                let claims = try await harness.claim(windows: 2).claims + harness.claim().claims
                let expected = [1, 3, 4, 0, 2].map { events[$0] }
                #expect(claims.flatMap(\.events) == expected)
                let isLessLate = zip(claims, claims.dropFirst()).allSatisfy { $0.lateness > $1.lateness }
                #expect(isLessLate)
            },
            Check("A claim takes at most the requested windows, and the rest is due now") { harness async throws in
                let samples = Samples()
                try await harness.store.accept(
                    (0..<5).map { samples.event(recipient: Int64($0)) }, as: .alone)
                let batches = [try await harness.claim(windows: 2), try await harness.claim(windows: 2)]
                #expect(batches.map(\.claims.count) == [2, 2] && batches.map(\.nextDueIn) == [.zero, .zero])
                let last = try await harness.claim(windows: 2)
                #expect(last.claims.count == 1 && last.nextDueIn != .zero)
                #expect(Set((batches + [last]).flatMap(\.claims).map(\.id)).count == 5)
            },
            Check("No further window is claimed once the claim has enough events") { harness async throws in
                let samples = Samples()
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 3)
                for recipient in 0..<4 {
                    try await harness.accept(samples.events(3, recipient: Int64(recipient)), policy)
                }
                let first = try await harness.claim(events: 4)
                #expect(first.claims.count == 2 && first.nextDueIn == .zero)
                #expect(try await harness.claim(events: 3).claims.count == 1)
                #expect(try await harness.claim(events: 1).claims.map(\.events.count) == [3])
            },
            Check("No further window is claimed once payloads have enough bytes, and the rest is due now") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let payload = #"{"n":"\#(String(repeating: "x", count: 50_000))"}"#
                let events = (1...4).map { samples.event(recipient: $0, payload: payload) }
                try await store.accept(events, as: .alone)
                let limits = ClaimLimits(windows: 10, events: 10, bytes: 2 * payload.utf8.count)
                let first = try await store.claim(limits, lease: harness.ticks(20))
                #expect(first.claims.flatMap(\.events) == Array(events[..<2]) && first.nextDueIn == .zero)
                let little = ClaimLimits(windows: 10, events: 10, bytes: 1)
                let second = try await store.claim(little, lease: harness.ticks(20))
                #expect(second.claims.flatMap(\.events) == [events[2]])
                let last = try await harness.claim().claims
                #expect(last.flatMap(\.events) == [events[3]] && last.map(\.attempt) == [1])
                let digested = try await store.digested(
                    (first.claims + second.claims + last).map { samples.digest($0) })
                #expect(digested.ids.count == 4)
            },
            Check("A window with 16 MiB of payloads is due at once, and the next event opens another") {
                harness async throws in
                let samples = Samples()
                let payload = #"{"n":"\#(String(repeating: "x", count: WindowState.mostBytes / 2))"}"#
                let policy = WindowPolicy(length: harness.ticks(500))
                let events = (0..<4).map { _ in samples.event(payload: payload) }
                try await harness.accept([events[0]], policy)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.accept(Array(events[1...2]), policy)
                let full = try await harness.claim().claims
                #expect(full.map { $0.events.map(\.id) } == [events[..<2].map(\.id)])
                #expect(try await harness.openWindows().map(\.events) == [1])
                // Windows with this many bytes do not merge either.
                try await harness.store.postpone(
                    full.map { Postponement($0, delay: harness.ticks(500), reason: .service, maxEvents: 9) })
                try await harness.accept([events[3]], policy)
                let second = try await harness.claim().claims
                try await harness.store.postpone(
                    second.map { Postponement($0, delay: harness.ticks(500), reason: .service, maxEvents: 9) })
                #expect(try await harness.openWindows().map(\.events) == [2, 2])
            },
            Check("Windows of excluded types are not claimed, and nobody wakes for them") {
                harness async throws in
                let samples = Samples()
                let events = [1, 2, 3].map { samples.event(type: $0) }
                try await harness.store.accept(events, as: .alone)
                let some = try await harness.claim(excluding: [1, 3])
                #expect(some.claims.map(\.events) == [[events[1]]])
                try await harness.store.digest(some.claims.map { samples.digest($0) })
                #expect(try await harness.claim(excluding: [1, 3]) == ClaimBatch(claims: [], nextDueIn: nil))
                #expect(Set(try await harness.claim().claims.map(\.events)) == [[events[0]], [events[2]]])
            },
            Check(
                "Windows of declared types that the worker does not know are not claimed, and nobody wakes for them"
            ) {
                harness async throws in
                let samples = Samples()
                let events = [7, 1000, 1001].map { samples.event(type: $0) }
                try await harness.store.accept(events, as: .alone)
                let some = try await harness.claim(declared: [1001])
                #expect(Set(some.claims.flatMap(\.events)) == [events[0], events[2]])
                try await harness.store.digest(some.claims.map { samples.digest($0) })
                #expect(try await harness.claim(declared: [1001]) == ClaimBatch(claims: [], nextDueIn: nil))
                #expect(try await harness.claim(declared: []) == ClaimBatch(claims: [], nextDueIn: nil))
                #expect(try await harness.claim(declared: [1000]).claims.map(\.events) == [[events[1]]])
            },
            Check("Each claim has its own token") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.accept(samples.events(3), as: .alone)
                var tokens: [Int64] = []
                for _ in 0..<3 {
                    let claims = try await harness.claim().claims
                    tokens += claims.map(\.token)
                    try await store.nack(claims)
                }
                #expect(tokens.count == 9 && Set(tokens).count == 9 && !tokens.contains(0))
            },
            Check("Events that come while a window is being digested wait in the next") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let claim = try await harness.claimed(Array(events[..<2]))
                try await harness.accept([events[2]])
                #expect(try await store.window(of: events[2]) != claim.id)
                try await store.digest([samples.digest(claim)])
                #expect(try await store.flush(Samples.key()))
                #expect(try await harness.claim().claims.map(\.events) == [[events[2]]])
            },
            Check("Flushing a key does not affect its claimed or closed windows") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed(samples.events(2))
                #expect(try await store.flush(Samples.key()) == false)
                #expect(try await harness.claim().claims.isEmpty)
                try await store.digest([samples.digest(claim)])
                #expect(try await store.flush(Samples.key()) == false)
            },
            Check("Flushing makes only the window of its key due now, and it takes no more events") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (first, other, next) = (samples.event(keyPart: "a"), samples.event(keyPart: nil), samples.event())
                try await harness.accept([first, other])
                #expect(try await store.flush(Samples.key(part: "")) == false)
                #expect(try await store.flush(Samples.key(recipient: 43, part: "a")) == false)
                try await harness.advance(ticks: 1)
                #expect(try await store.flush(Samples.key(part: "a")))
                #expect(try await store.flush(Samples.key(part: "a")))
                try await harness.accept([samples.event(keyPart: "a"), next])
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events) == [[first]])
                #expect(claims[0].window.closesAt - claims[0].window.openedAt < harness.ticks(10))
                #expect(try await harness.openWindows().map(\.events) == [1, 1, 1])
            },
            Check("A claim reports the time until the first window is due") { harness async throws in
                let samples = Samples()
                try await harness.accept([samples.event(keyPart: "a")])
                try await harness.advance(ticks: 2)
                try await harness.accept([samples.event(keyPart: "b")], harness.sliding)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: harness.ticks(6)))
                try await harness.advance(ticks: 4)
                try await harness.accept([samples.event(keyPart: "b")], harness.sliding)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: harness.ticks(4)))
            },
            Check("A window of 10,000 events is claimed whole, oldest first") { harness async throws in
                let events = Samples().events(10_001)
                let shuffled = events[..<10_000].shuffled()
                let policy = WindowPolicy(length: harness.ticks(500))
                for start in stride(from: 0, to: 10_000, by: 2500) {
                    try await harness.accept(Array(shuffled[start..<start + 2500]), policy)
                }
                let claims = try await harness.claim().claims
                #expect(claims.count == 1 && claims.first?.events == Array(events[..<10_000]))
                try await harness.accept([events[10_000]], policy)
                #expect(try await harness.openWindows().map(\.events) == [1])
            },
            Check("If many claim at once, each window is claimed by one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let lease = harness.ticks(500)
                try await store.accept((0..<200).map { samples.event(recipient: Int64($0)) }, as: .alone)
                let claims = try await withThrowingTaskGroup(of: [ClaimedWindow].self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            var own: [ClaimedWindow] = []
                            for _ in 0..<100 {
                                let limits = ClaimLimits(windows: 7, events: 1000)
                                let batch = try await store.claim(limits, lease: lease)
                                own += batch.claims
                                if batch.nextDueIn != .zero { break }
                            }
                            return own
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claims.count == 200 && Set(claims.map(\.id)).count == 200)
                #expect(Set(claims.flatMap(\.events)).count == 200)
            },
        ]
    }

    static var leases: [Check] {
        [
            Check("A claimed window is not claimed again before its lease ends") { harness async throws in
                try await harness.store.accept([Samples().event()], as: .alone)
                let first = try await harness.claim()
                #expect(first.claims.count == 1 && harness.isClose(first.nextDueIn, to: harness.ticks(20)))
                try await harness.advance(by: harness.ticks(20) - harness.margin)
                let early = try await harness.claim()
                #expect(early.claims.isEmpty && harness.isClose(early.nextDueIn, to: harness.margin))
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.map(\.id) == first.claims.map(\.id))
            },
            Check("A window whose lease has expired is claimed again, unchanged") { harness async throws in
                let first = try await harness.claimed(Samples().events(3))
                for attempt in 2...3 {
                    try await harness.advance(ticks: 20)
                    let claim = try #require(try await harness.claim().claims.first)
                    #expect(claim.id == first.id && claim.events == first.events && claim.window == first.window)
                    #expect(claim.attempt == attempt && claim.token != first.token)
                }
            },
            Check("A claim that was taken over cannot be digested, handed back, postponed or extended") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let old = try await harness.claimed(samples.events(1))
                try await harness.advance(ticks: 20)
                let new = try #require(try await harness.claim().claims.first)
                #expect(try await store.digested([samples.digest(old)]).ids.isEmpty)
                try await store.nack([old])
                try await store.postpone([Postponement(old, delay: .zero, reason: .service, maxEvents: 9)])
                #expect(try await store.renew([old], lease: harness.ticks(900)).isEmpty)
                let batch = try await harness.claim()
                #expect(batch.claims.isEmpty && harness.isClose(batch.nextDueIn, to: harness.ticks(20)))
                for claims in [[new], [old, new], [new, old]] {
                    #expect(try await store.renew(claims, lease: harness.ticks(20)) == [new.id])
                }
                try await store.digest([samples.digest(new)])
                #expect(try await harness.claim().nextDueIn == nil)
            },
            Check("A claim whose lease has expired is valid until another takes the window over") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed(samples.events(1))
                try await harness.advance(ticks: 25)
                try await store.digest([samples.digest(claim)])
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
            },
            Check("An extended lease ends later") { harness async throws in
                let claim = try await harness.claimed(Samples().events(1))
                try await harness.advance(ticks: 15)
                #expect(try await harness.store.renew([claim], lease: harness.ticks(20)) == [claim.id])
                try await harness.advance(by: harness.ticks(20) - harness.margin)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.first?.attempt == 2)
                #expect(try await harness.store.digested([Samples().digest(claim)]).ids.isEmpty)
            },
            Check("Extending leases returns the claims that are still held") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.accept(samples.events(4), as: .alone)
                let claims = try await harness.claim().claims
                #expect(claims.count == 4)
                try await store.digest([samples.digest(claims[1])])
                try await store.nack([claims[3]])
                let held = try await store.renew(claims, lease: harness.ticks(20))
                #expect(held == [claims[0].id, claims[2].id])
            },
            Check("A window handed back is due at once, and the attempt does not count") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let first = try await harness.claimed(Array(events[..<2]))
                try await store.nack([first])
                try await store.nack([first])
                #expect(try await store.digested([samples.digest(first)]).ids.isEmpty)
                // It takes no more events.
                try await harness.accept([events[2]])
                let again = try #require(try await harness.claim().claims.first)
                #expect(again.id == first.id && again.events == first.events && again.window == first.window)
                #expect(again.attempt == 1 && again.token != first.token)
                #expect(try await harness.openWindows().map(\.events) == [1])
                try await store.digest([samples.digest(again)])
            },
            Check("A lease survives a crash, unless claims end with their process") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let claim = try await harness.claimed(samples.events(2))
                try await store.accept([samples.event(recipient: 43)], as: .alone)
                let reopened = try await harness.reopen()
                let claims = try await reopened.claim(ClaimLimits(windows: 9, events: 99), lease: harness.ticks(20))
                let recipients = Set(claims.claims.map(\.window.key.recipient))
                guard harness.keepsClaims else {
                    #expect(recipients == [Samples.recipient, 43])
                    #expect(try await reopened.digested([samples.digest(claim)]).ids.isEmpty)
                    return
                }
                #expect(recipients == [43])
                try await reopened.digest([samples.digest(claim)])
                #expect(try await reopened.liveWindow(claim.id) == nil)
            },
        ]
    }
}
