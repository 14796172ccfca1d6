import SheafCore
import Testing

extension DebouncerConformance {
    static var claiming: [Check] {
        [
            Check("A claim holds the window, its events oldest first, and its lateness") { harness async throws in
                let events = Samples().eventIDs(4)
                try await harness.add([events[2], events[0], events[3], events[1]])
                let opened = try #require(try await harness.debouncer.openWindows(after: nil, limit: 1).items.first)
                try await harness.advance(ticks: 13)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.id == opened.id && claim.events == events && claim.attempt == 1)
                #expect(
                    claim.window
                        == WindowSpan(key: Samples.key(), openedAt: opened.openedAt, closesAt: opened.closesAt))
                #expect(opened.closesAt - opened.openedAt == harness.ticks(10))
                #expect(claim.lateness >= harness.ticks(3) && harness.isClose(harness.ticks(3), to: claim.lateness))
            },
            Check("Windows are claimed in the order in which they fell due") { harness async throws in
                let events = Samples().eventIDs(5)
                for (index, length) in [4, 1, 5, 2, 3].enumerated() {
                    try await harness.add(
                        [events[index]], key: Samples.key(recipient: Int64(index)),
                        policy: WindowPolicy(length: harness.ticks(length)))
                }
                try await harness.advance(ticks: 6)
                let claims = try await harness.claim().claims
                let expected = [1, 3, 4, 0, 2].map { events[$0] }
                #expect(claims.flatMap(\.events) == expected)
                let isLessLate = zip(claims, claims.dropFirst()).allSatisfy { $0.lateness > $1.lateness }
                #expect(isLessLate)
            },
            Check("A claim takes at most the requested windows, and the rest is due now") { harness async throws in
                let samples = Samples()
                for recipient in 0..<5 {
                    try await harness.add(samples.eventIDs(1), key: Samples.key(recipient: Int64(recipient)))
                }
                try await harness.advance(ticks: 10)
                let batches = [try await harness.claim(windows: 2), try await harness.claim(windows: 2)]
                #expect(batches.map(\.claims.count) == [2, 2] && batches.map(\.nextDueIn) == [.zero, .zero])
                let last = try await harness.claim(windows: 2)
                #expect(last.claims.count == 1 && last.nextDueIn != .zero)
                #expect(Set((batches + [last]).flatMap(\.claims).map(\.id)).count == 5)
            },
            Check("No further window is claimed once the claim has enough events") { harness async throws in
                let samples = Samples()
                for recipient in 0..<4 {
                    try await harness.add(samples.eventIDs(3), key: Samples.key(recipient: Int64(recipient)))
                }
                try await harness.advance(ticks: 10)
                let first = try await harness.claim(events: 4)
                #expect(first.claims.count == 2 && first.nextDueIn == .zero)
                #expect(try await harness.claim(events: 3).claims.count == 1)
                #expect(try await harness.claim(events: 1).claims.count == 1)
            },
            Check("A window with more events than requested is claimed whole") { harness async throws in
                let events = Samples().eventIDs(10)
                try await harness.add(events)
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim(events: 1).claims.map(\.events) == [events])
            },
            Check("Each claim has its own token") { harness async throws in
                let samples = Samples()
                var tokens: [Int64] = []
                for recipient in 0..<3 {
                    try await harness.add(samples.eventIDs(1), key: Samples.key(recipient: Int64(recipient)))
                }
                try await harness.advance(ticks: 10)
                for _ in 0..<3 {
                    let claims = try await harness.claim().claims
                    tokens += claims.map(\.token)
                    try await harness.debouncer.release(claims) { _ in .zero }
                }
                #expect(tokens.count == 9 && Set(tokens).count == 9)
            },
            Check("An acknowledged window is gone") { harness async throws in
                let events = Samples().eventIDs(2)
                let claim = try #require(try await harness.claimed(events))
                try await harness.debouncer.acknowledge([claim])
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
                try await harness.advance(ticks: 30)
                #expect(try await harness.claim().claims.isEmpty)
                let entries = events.map { DebounceEntry(event: $0, key: Samples.key(), policy: harness.tumbling) }
                #expect(Set(try await harness.debouncer.missing(entries)) == Set(entries))
                #expect(try await harness.add(events).outcomes == [.opened, .joined])
            },
            Check("Events that come while a window is being digested wait in the next") { harness async throws in
                let events = Samples().eventIDs(3)
                let claim = try #require(try await harness.claimed(Array(events[..<2])))
                #expect(try await harness.add([events[2], events[0]]).outcomes == [.opened, .known])
                try await harness.debouncer.acknowledge([claim])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[events[2]]])
            },
            Check("A claim reports the time until the first window is due") { harness async throws in
                let samples = Samples()
                try await harness.add(samples.eventIDs(1), key: Samples.key(part: "a"))
                try await harness.advance(ticks: 2)
                try await harness.add(samples.eventIDs(1), key: Samples.key(part: "b"), policy: harness.sliding)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: harness.ticks(6)))
                try await harness.advance(ticks: 4)
                try await harness.add(samples.eventIDs(1), key: Samples.key(part: "b"), policy: harness.sliding)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: harness.ticks(4)))
            },
            Check("If many claim at once, each window is claimed by one") { harness async throws in
                let (samples, debouncer, lease) = (Samples(), harness.debouncer, harness.ticks(500))
                let events = samples.eventIDs(60)
                try await harness.add(
                    events.enumerated().map { index, event in
                        DebounceEntry(event: event, key: Samples.key(recipient: Int64(index)), policy: harness.tumbling)
                    })
                try await harness.advance(ticks: 10)
                let claims = try await withThrowingTaskGroup(of: [WindowClaim].self) { group in
                    for _ in 0..<12 {
                        group.addTask { try await debouncer.claim(windows: 7, events: 1000, lease: lease).claims }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claims.count == 60 && Set(claims.flatMap(\.events)) == Set(events))
            },
            Check("1,000 due windows are claimed at once") { harness async throws in
                let events = Samples().eventIDs(2000)
                try await harness.add(
                    events.enumerated().map { index, event in
                        DebounceEntry(
                            event: event, key: Samples.key(recipient: Int64(index / 2)), policy: harness.tumbling)
                    })
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.count == 1000 && Set(claims.flatMap(\.events)) == Set(events))
                try await harness.debouncer.acknowledge(claims)
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
            },
        ]
    }
}
