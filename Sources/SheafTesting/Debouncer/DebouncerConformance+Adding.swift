import SheafCore
import Testing

extension DebouncerConformance {
    static var adding: [Check] {
        [
            Check("A fresh debouncer has nothing to claim") { harness async throws in
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
                let page = try await harness.debouncer.openWindows(after: nil, limit: 10)
                #expect(page == LiveWindowPage(items: [], total: 0, next: nil))
            },
            Check("The first event opens a window, the next joins it") { harness async throws in
                let events = Samples().eventIDs(2)
                let first = try await harness.add([events[0]])
                #expect(first.outcomes == [.opened] && harness.isClose(first.first?.dueIn, to: harness.ticks(10)))
                try await harness.advance(ticks: 4)
                let second = try await harness.add([events[1]])
                #expect(second.outcomes == [.joined] && harness.isClose(second.first?.dueIn, to: harness.ticks(6)))
            },
            Check("Adding a waiting event again does not move it") { harness async throws in
                let events = Samples().eventIDs(2)
                try await harness.add(events)
                try await harness.advance(ticks: 4)
                let again = try await harness.add([events[1], events[0]])
                #expect(again.outcomes == [.known, .known])
                let areClose = again.allSatisfy { harness.isClose($0.dueIn, to: harness.ticks(6)) }
                #expect(areClose)
                let page = try await harness.debouncer.openWindows(after: nil, limit: 10)
                #expect(page.items.map(\.events) == [2])
            },
            Check("An event that is twice in a batch waits once") { harness async throws in
                let events = Samples().eventIDs(2)
                let admissions = try await harness.add([events[0], events[0], events[1], events[1]])
                #expect(admissions.outcomes == [.opened, .known, .joined, .known])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [events])
            },
            Check("Different types, recipients and key parts are different keys") { harness async throws in
                let events = Samples().eventIDs(7)
                let keys = [
                    Samples.key(recipient: 1, type: 1, part: "7"), Samples.key(recipient: 2, type: 1, part: "7"),
                    Samples.key(recipient: 1, type: 2, part: "7"), Samples.key(recipient: 1, type: 1, part: "8"),
                    Samples.key(recipient: 1, type: 1, part: nil), Samples.key(recipient: 1, type: 1, part: ""),
                    Samples.key(recipient: -1, type: 1, part: "7"),
                ]
                let entries = zip(events, keys).map { DebounceEntry(event: $0, key: $1, policy: harness.tumbling) }
                #expect(try await harness.add(entries).outcomes == Array(repeating: .opened, count: keys.count))
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.count == keys.count)
                let claimed = Dictionary(uniqueKeysWithValues: claims.map { ($0.window.key, $0.events) })
                let expected = Dictionary(uniqueKeysWithValues: zip(keys, events.map { [$0] }))
                #expect(claimed == expected)
            },
            Check("Unusual key parts are distinguished by bytes") { harness async throws in
                let parts = [
                    "", ":", "::", "a:b", "a%3Ab", "%", "{7}", "*", "Осень «2026»", "🫖", " 7", "7 ", "'\"\\\n\t",
                    "caf\u{E9}",
                    "cafe\u{301}",
                ]
                let events = Samples().eventIDs(parts.count)
                let keys = parts.map { Samples.key(recipient: .min, part: $0) }
                let entries = zip(events, keys).map { DebounceEntry(event: $0, key: $1, policy: harness.tumbling) }
                #expect(try await harness.add(entries).outcomes == Array(repeating: .opened, count: parts.count))
                #expect(try await harness.add(entries).outcomes == Array(repeating: .known, count: parts.count))
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims.sorted { $0.events[0] < $1.events[0] }
                #expect(claims.flatMap(\.events) == events && claims.count == events.count)
                #expect(claims.map(\.window.key.part?.exactly) == parts.map(\.exactly))
            },
            Check("Keys with extreme recipients and types are stored exactly") { harness async throws in
                let samples = Samples()
                let keys = [Int64.min, .max, 0, -1].map { Samples.key(recipient: $0, type: Int(Int32.max), part: "x") }
                for key in keys { try await harness.add([samples.eventID()], key: key) }
                let page = try await harness.debouncer.openWindows(after: nil, limit: 10)
                #expect(page.items.map(\.key) == keys)
            },
            Check("An event can wait in windows of two keys") { harness async throws in
                let event = Samples().eventID()
                for part in ["a", "b"] {
                    #expect(try await harness.add([event], key: Samples.key(part: part)).outcomes == [.opened])
                }
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[event], [event]])
            },
            Check("A batch of 500 events of 50 keys returns admissions in its order") { harness async throws in
                let events = Samples().eventIDs(500)
                let entries = events.enumerated().map { index, event in
                    DebounceEntry(
                        event: event, key: Samples.key(recipient: Int64(index % 50)), policy: harness.tumbling)
                }
                let outcomes = try await harness.add(entries).outcomes
                #expect(outcomes[..<50].elementsEqual(repeatElement(.opened, count: 50)))
                #expect(outcomes[50...].elementsEqual(repeatElement(.joined, count: 450)))
                #expect(try await harness.add(entries).outcomes == Array(repeating: .known, count: 500))
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events.count) == Array(repeating: 10, count: 50))
            },
            Check("An empty batch does nothing") { harness async throws in
                #expect(try await harness.add([]).isEmpty)
                #expect(try await harness.debouncer.missing([]).isEmpty)
                try await harness.debouncer.acknowledge([])
                try await harness.debouncer.release([]) { _ in .zero }
                #expect(try await harness.debouncer.renew([], lease: harness.ticks(1)).isEmpty)
                #expect(try await harness.claim().nextDueIn == nil)
            },
            Check("If many add to one key at once, one opens the window and all events wait") {
                harness async throws in
                let (samples, debouncer) = (Samples(), harness.debouncer)
                let policy = WindowPolicy(length: harness.ticks(500))
                let batches = (0..<20).map { _ in samples.eventIDs(10) }
                let outcomes = try await withThrowingTaskGroup(of: [DebounceAdmission.Outcome].self) { group in
                    for batch in batches {
                        let entries = batch.map { DebounceEntry(event: $0, key: Samples.key(), policy: policy) }
                        group.addTask { try await debouncer.add(entries).outcomes }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let opened = outcomes.filter { $0 == .opened }
                #expect(opened.count == 1)
                let joined = outcomes.filter { $0 == .joined }
                #expect(joined.count == 199)
                _ = try await debouncer.flush(Samples.key())
                #expect(try await harness.claim().claims.map(\.events) == [batches.flatMap(\.self).sorted()])
            },
        ]
    }
}
