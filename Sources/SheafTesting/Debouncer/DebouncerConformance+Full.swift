import SheafCore
import Testing

extension DebouncerConformance {
    /// Windows that reach their maximum of events.
    static var full: [Check] {
        [
            Check("A full window is due at once") { harness async throws in
                let events = Samples().eventIDs(3)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 3)
                try await harness.add(Array(events[..<2]), policy: policy)
                #expect(try await harness.claim().claims.isEmpty)
                let last = try await harness.add([events[2]], policy: policy)
                #expect(last == [DebounceAdmission(outcome: .joined, dueIn: .zero)])
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == events && claim.window.closesAt - claim.window.openedAt < harness.ticks(500))
            },
            Check("A window with 16 MiB of payloads is due at once, and its claim reports the bytes") {
                harness async throws in
                let (events, half) = (Samples().eventIDs(3), WindowState.mostBytes / 2)
                let entries = events.map {
                    DebounceEntry(event: $0, bytes: half, key: Samples.key(), policy: harness.tumbling)
                }
                let first = try await harness.add([entries[0]])
                #expect(first.outcomes == [.opened] && harness.isClose(first.first?.dueIn, to: harness.ticks(10)))
                #expect(try await harness.debouncer.openWindow(of: Samples.key())?.bytes == half)
                let rest = try await harness.add([entries[1], entries[0], entries[2]])
                #expect(rest.outcomes == [.joined, .known, .opened] && rest.first?.dueIn == .zero)
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events) == [Array(events[..<2])] && claims.map(\.bytes) == [2 * half])
            },
            Check("The event after a full window opens the next") { harness async throws in
                let events = Samples().eventIDs(3)
                let policy = WindowPolicy(length: harness.ticks(10), maxEvents: 2)
                try await harness.add(Array(events[..<2]), policy: policy)
                let third = try await harness.add([events[2]], policy: policy)
                #expect(third.outcomes == [.opened] && harness.isClose(third.first?.dueIn, to: harness.ticks(10)))
                #expect(try await harness.add(events, policy: policy).outcomes == [.known, .known, .known])
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[..<2])])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[events[2]]])
            },
            Check("A batch with more events than fit into a window fills several") { harness async throws in
                let events = Samples().eventIDs(25)
                let policy = WindowPolicy(length: harness.ticks(10), maxEvents: 10)
                let outcomes = try await harness.add(events, policy: policy).outcomes
                let expected: [DebounceAdmission.Outcome] = (0..<25).map { $0 % 10 == 0 ? .opened : .joined }
                #expect(outcomes == expected)
                let full = try await harness.claim().claims.map(\.events)
                #expect(Set(full) == [Array(events[..<10]), Array(events[10..<20])] && full.count == 2)
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[20...])])
            },
            Check("A batch fills the open window before it opens others") { harness async throws in
                let events = Samples().eventIDs(7)
                let policy = WindowPolicy(length: harness.ticks(10), maxEvents: 3)
                try await harness.add([events[0]], policy: policy)
                let outcomes = try await harness.add(events, policy: policy).outcomes
                #expect(outcomes == [.known, .joined, .joined, .opened, .joined, .joined, .opened])
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims.map(\.events)
                #expect(Set(claims) == [Array(events[..<3]), Array(events[3..<6]), [events[6]]])
            },
            Check("With a maximum of one event, each event gets its own window") { harness async throws in
                let events = Samples().eventIDs(3)
                let admissions = try await harness.add(
                    events, policy: WindowPolicy(length: harness.ticks(500), maxEvents: 1))
                let opened = DebounceAdmission(outcome: .opened, dueIn: .zero)
                #expect(admissions == [opened, opened, opened])
                #expect(Set(try await harness.claim().claims.map(\.events)) == [[events[0]], [events[1]], [events[2]]])
            },
            Check("A leading event does not count towards the maximum") { harness async throws in
                let events = Samples().eventIDs(4)
                let policy = WindowPolicy(mode: .leading, length: harness.ticks(500), maxEvents: 2)
                #expect(
                    try await harness.add(events, policy: policy).outcomes == [.leading, .joined, .joined, .leading])
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[1..<3])])
            },
            Check("A full sliding window is not extended") { harness async throws in
                let events = Samples().eventIDs(3)
                let policy = WindowPolicy(
                    mode: .sliding, length: harness.ticks(500), maxWait: harness.ticks(900), maxEvents: 2)
                #expect(try await harness.add(events, policy: policy).outcomes == [.opened, .joined, .opened])
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[..<2])])
            },
            Check("A window of 10,000 events is claimed whole, oldest first") { harness async throws in
                let events = Samples().eventIDs(10_001)
                let policy = WindowPolicy(length: harness.ticks(500))
                let shuffled = Array(events[..<10_000].shuffled())
                for start in stride(from: 0, to: 10_000, by: 500) {
                    try await harness.add(Array(shuffled[start..<start + 500]), policy: policy)
                }
                let claims = try await harness.claim().claims
                #expect(claims.count == 1)
                #expect(claims.first?.events == Array(events[..<10_000]))
                #expect(try await harness.add([events[10_000]], policy: policy).outcomes == [.opened])
                #expect(
                    try await harness.add(Array(events[9_990...]), policy: policy).outcomes
                        == Array(repeating: .known, count: 11))
            },
        ]
    }
}
