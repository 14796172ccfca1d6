import SheafCore
import Testing

extension DebouncerConformance {
    /// When windows without a leading event close.
    static var closing: [Check] {
        [
            Check("A tumbling window is due when its length has passed, not before") { harness async throws in
                let event = Samples().eventID()
                try await harness.add([event])
                try await harness.advance(by: harness.ticks(10) - harness.margin)
                let early = try await harness.claim()
                #expect(early.claims.isEmpty && harness.isClose(early.nextDueIn, to: harness.margin))
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.map(\.events) == [[event]])
            },
            Check("Later events do not extend a tumbling window") { harness async throws in
                let events = Samples().eventIDs(3)
                for event in events {
                    try await harness.add([event])
                    try await harness.advance(ticks: 4)
                }
                #expect(try await harness.claim().claims.map(\.events) == [events])
            },
            Check("A due window takes no more events, even if nobody claimed it") { harness async throws in
                let events = Samples().eventIDs(3)
                try await harness.add([events[0]])
                try await harness.advance(ticks: 10)
                let admissions = try await harness.add([events[1], events[2], events[0]])
                #expect(admissions.outcomes == [.opened, .joined, .known])
                #expect(harness.isClose(admissions.first?.dueIn, to: harness.ticks(10)))
                #expect(admissions.last?.dueIn == .zero)
                #expect(try await harness.claim().claims.map(\.events) == [[events[0]]])
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events) == [Array(events[1...])] && claims.first?.attempt == 1)
            },
            Check("Several closed windows of one key are claimed separately") { harness async throws in
                let samples = Samples()
                let events = samples.eventIDs(4)
                for event in events {
                    try await harness.add([event])
                    try await harness.advance(ticks: 10)
                }
                let claims = try await harness.claim().claims
                #expect(claims.flatMap(\.events) == events)
                #expect(Set(claims.map(\.id)).count == 4)
            },
            Check("A sliding window closes a length after its last event") { harness async throws in
                let events = Samples().eventIDs(2)
                try await harness.add([events[0]], policy: harness.sliding)
                try await harness.advance(ticks: 3)
                let second = try await harness.add([events[1]], policy: harness.sliding)
                #expect(second.outcomes == [.joined] && harness.isClose(second.first?.dueIn, to: harness.ticks(6)))
                try await harness.advance(by: harness.ticks(6) - harness.margin)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.map(\.events) == [events])
            },
            Check("A window closes by the policy under which it was opened, whatever the policy of later events") {
                harness async throws in
                let events = Samples().eventIDs(8)
                let keys = [1, 2].map { Samples.key(recipient: $0) }
                let tumbling = WindowPolicy(length: harness.ticks(10), maxEvents: 3)
                let short = WindowPolicy(length: harness.ticks(1), maxEvents: 1)
                try await harness.add([events[0]], key: keys[0], policy: tumbling)
                try await harness.add([events[1]], key: keys[1], policy: harness.sliding)
                try await harness.advance(ticks: 3)
                let joined = try await harness.add([events[2]], key: keys[0], policy: harness.sliding)
                #expect(joined.outcomes == [.joined] && harness.isClose(joined.first?.dueIn, to: harness.ticks(7)))
                for (event, policy) in [(3, tumbling), (4, short)] {
                    let slid = try await harness.add([events[event]], key: keys[1], policy: policy)
                    #expect(slid.outcomes == [.joined] && harness.isClose(slid.first?.dueIn, to: harness.ticks(6)))
                }
                #expect(try await harness.claim().claims.isEmpty)
                #expect(try await harness.add([events[5]], key: keys[0], policy: short).first?.dueIn == .zero)
                #expect(try await harness.claim().claims.map(\.events) == [[events[0], events[2], events[5]]])
            },
            Check("A sliding window does not stay open longer than its maximum wait") { harness async throws in
                let events = Samples().eventIDs(4)
                for event in events[..<3] {
                    try await harness.add([event], policy: harness.sliding)
                    try await harness.advance(ticks: 3)
                }
                let last = try await harness.add([events[3]], policy: harness.sliding)
                #expect(last.outcomes == [.joined])
                #expect(try #require(last.first?.dueIn) <= harness.ticks(1))
                try await harness.advance(ticks: 1)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == events)
                #expect(claim.window.closesAt - claim.window.openedAt == harness.ticks(10))
            },
            Check("A known event does not extend a sliding window") { harness async throws in
                let event = Samples().eventID()
                try await harness.add([event], policy: harness.sliding)
                try await harness.advance(ticks: 3)
                let again = try await harness.add([event], policy: harness.sliding)
                #expect(again.outcomes == [.known] && harness.isClose(again.first?.dueIn, to: harness.ticks(3)))
                try await harness.advance(ticks: 3)
                #expect(try await harness.claim().claims.map(\.events) == [[event]])
            },
            Check("A maximum wait below the length does not shorten a sliding window") { harness async throws in
                let events = Samples().eventIDs(2)
                let policy = WindowPolicy(mode: .sliding, length: harness.ticks(6), maxWait: harness.ticks(1))
                let first = try await harness.add([events[0]], policy: policy)
                #expect(harness.isClose(first.first?.dueIn, to: harness.ticks(6)))
                try await harness.advance(ticks: 3)
                let second = try await harness.add([events[1]], policy: policy)
                #expect(harness.isClose(second.first?.dueIn, to: harness.ticks(3)))
            },
            Check("Windows of different lengths each close at their own time") { harness async throws in
                let events = Samples().eventIDs(3)
                for (index, length) in [9, 3, 6].enumerated() {
                    try await harness.add(
                        [events[index]], key: Samples.key(part: "\(index)"),
                        policy: WindowPolicy(length: harness.ticks(length)))
                }
                for index in [1, 2, 0] {
                    try await harness.advance(ticks: 3)
                    #expect(try await harness.claim().claims.map(\.events) == [[events[index]]])
                }
            },
        ]
    }

    static var leading: [Check] {
        [
            Check("The first event of a leading window is notified at once, the others wait") { harness async throws in
                let events = Samples().eventIDs(3)
                let admissions = try await harness.add(events, policy: harness.leading)
                #expect(admissions.outcomes == [.leading, .joined, .joined])
                #expect(harness.isClose(admissions.first?.dueIn, to: harness.ticks(10)))
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[1...])])
            },
            Check("A leader that is added again leads again while its window is open") { harness async throws in
                let events = Samples().eventIDs(2)
                #expect(
                    try await harness.add([events[0], events[0]], policy: harness.leading).outcomes == [
                        .leading, .leading,
                    ])
                try await harness.add([events[1]], policy: harness.leading)
                try await harness.advance(ticks: 4)
                let again = try await harness.add(events, policy: harness.leading)
                #expect(again.outcomes == [.leading, .known])
                let areClose = again.allSatisfy { harness.isClose($0.dueIn, to: harness.ticks(6)) }
                #expect(areClose)
                #expect(try await harness.debouncer.openWindows(after: nil, limit: 10).items.map(\.events) == [1])
            },
            Check("A leader that is added again while its window is due leads again, and opens none") {
                harness async throws in
                let events = Samples().eventIDs(2)
                try await harness.add(events, policy: harness.leading)
                try await harness.advance(ticks: 11)
                let again = try await harness.add(events, policy: harness.leading)
                #expect(again.outcomes == [.leading, .known] && again.map(\.dueIn) == [.zero, .zero])
                #expect(try await harness.debouncer.openWindows(after: nil, limit: 10).items.map(\.events) == [1])
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
                #expect(try await harness.claim().claims.isEmpty)
            },
            Check("A leading window without further events is claimed empty") { harness async throws in
                try await harness.add(Samples().eventIDs(1), policy: harness.leading)
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.count == 1 && claims.first?.events == [])
                try await harness.debouncer.acknowledge(claims)
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
            },
            Check("The first event after a leading window leads the next") { harness async throws in
                let events = Samples().eventIDs(4)
                try await harness.add(Array(events[..<2]), policy: harness.leading)
                try await harness.advance(ticks: 10)
                #expect(
                    try await harness.add(Array(events[2...]), policy: harness.leading).outcomes == [.leading, .joined])
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[events[3]]])
            },
            Check("A leading event waits in no window") { harness async throws in
                let events = Samples().eventIDs(2)
                try await harness.add(events, policy: harness.leading)
                let entries = events.map { DebounceEntry(event: $0, key: Samples.key(), policy: harness.leading) }
                #expect(try await harness.debouncer.missing(entries) == [entries[0]])
                #expect(try await harness.debouncer.window(of: events[0], key: Samples.key()) == nil)
                #expect(try await harness.debouncer.window(of: events[1], key: Samples.key())?.events == 1)
            },
            Check("Later events do not extend a leading window") { harness async throws in
                let events = Samples().eventIDs(4)
                for event in events[..<3] {
                    try await harness.add([event], policy: harness.leading)
                    try await harness.advance(ticks: 3)
                }
                let last = try await harness.add([events[3]], policy: harness.leading)
                #expect(last.outcomes == [.joined])
                #expect(try #require(last.first?.dueIn) <= harness.ticks(1))
                try await harness.advance(ticks: 1)
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[1...])])
            },
        ]
    }
}
