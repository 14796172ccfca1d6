import SheafCore
import Testing

extension DebouncerConformance {
    static var flushing: [Check] {
        [
            Check("Flushing makes the open window due now") { harness async throws in
                let events = Samples().eventIDs(2)
                try await harness.add([events[0]])
                try await harness.advance(ticks: 2)
                #expect(try await harness.debouncer.flush(Samples.key()))
                #expect(try await harness.add([events[1]]).outcomes == [.opened])
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == [events[0]] && claim.lateness < harness.tick)
                let length = claim.window.closesAt - claim.window.openedAt
                #expect(length >= harness.ticks(2) && harness.isClose(harness.ticks(2), to: length))
            },
            Check("Flushing without an open window returns false") { harness async throws in
                #expect(try await harness.debouncer.flush(Samples.key()) == false)
                let claim = try #require(try await harness.claimed(Samples().eventIDs(1)))
                #expect(try await harness.debouncer.flush(Samples.key()) == false)
                try await harness.debouncer.acknowledge([claim])
                #expect(try await harness.debouncer.flush(Samples.key()) == false)
            },
            Check("Flushing affects only the window of its key") { harness async throws in
                let events = Samples().eventIDs(4)
                let keys = [nil, "", "7", "7:8"].map { Samples.key(part: $0) }
                for (event, key) in zip(events, keys) { try await harness.add([event], key: key) }
                #expect(try await harness.debouncer.flush(keys[1]))
                #expect(try await harness.debouncer.flush(Samples.key(recipient: 43, part: "7")) == false)
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
            },
            Check("A sliding and a leading window can be flushed") { harness async throws in
                let events = Samples().eventIDs(3)
                let keys = ["s", "l"].map { Samples.key(part: $0) }
                try await harness.add([events[0]], key: keys[0], policy: harness.sliding)
                try await harness.add(Array(events[1...]), key: keys[1], policy: harness.leading)
                for key in keys { #expect(try await harness.debouncer.flush(key)) }
                #expect(Set(try await harness.claim().claims.map(\.events)) == [[events[0]], [events[2]]])
                #expect(
                    try await harness.add([events[1]], key: keys[1], policy: harness.leading).outcomes == [.leading])
            },
        ]
    }

    static var reading: [Check] {
        [
            Check("Open windows are listed in the order in which they were opened, page by page") {
                harness async throws in
                let samples = Samples()
                let keys = [5, 3, 9, 1, 7].map { Samples.key(recipient: $0, part: "a:\($0)") }
                for (index, key) in keys.enumerated() {
                    try await harness.add(samples.eventIDs(index + 1), key: key)
                    try await harness.advance(ticks: 1)
                }
                var read: [LiveWindow] = []
                var cursor: WindowID?
                for expected in [2, 2, 1] {
                    let page = try await harness.debouncer.openWindows(after: cursor, limit: 2)
                    #expect(page.items.count == expected && page.total == 5)
                    #expect(page.next == (expected == 2 ? page.items.last?.id : nil))
                    read += page.items
                    cursor = page.next
                }
                #expect(read.map(\.key) == keys && read.map(\.events) == [1, 2, 3, 4, 5])
                let areLong = read.allSatisfy { $0.closesAt - $0.openedAt == harness.ticks(10) }
                #expect(areLong)
                let areApart = zip(read, read.dropFirst()).allSatisfy { $1.openedAt - $0.openedAt >= harness.ticks(1) }
                #expect(areApart)
            },
            Check("A page with exactly the remaining open windows is the last page") { harness async throws in
                let samples = Samples()
                for recipient in 0..<2 {
                    try await harness.add(samples.eventIDs(1), key: Samples.key(recipient: Int64(recipient)))
                }
                let page = try await harness.debouncer.openWindows(after: nil, limit: 2)
                #expect(page.items.count == 2 && page.next == nil)
                let after = try await harness.debouncer.openWindows(after: page.items.last?.id, limit: 2)
                #expect(after.items.isEmpty && after.total == 2 && after.next == nil)
            },
            Check("Claimed, released and replaced windows are not listed as open") { harness async throws in
                let samples = Samples()
                let claims = try await [
                    harness.claimed(samples.eventIDs(1), key: Samples.key(part: "claimed")),
                    harness.claimed(samples.eventIDs(1), key: Samples.key(part: "released")),
                ].compactMap(\.self)
                try #require(claims.count == 2)
                let delay = harness.ticks(100)
                try await harness.debouncer.release([claims[1]]) { _ in delay }
                let full = WindowPolicy(length: harness.ticks(100), maxEvents: 2)
                try await harness.add(samples.eventIDs(3), key: Samples.key(part: "full"), policy: full)
                let page = try await harness.debouncer.openWindows(after: nil, limit: 10)
                #expect(page.items.map(\.key) == [Samples.key(part: "full")] && page.total == 1)
                #expect(page.items.map(\.events) == [1])
            },
            Check("The window of an event is found while it waits and while it is digested") { harness async throws in
                let events = Samples().eventIDs(3)
                let (debouncer, key) = (harness.debouncer, Samples.key())
                try await harness.add(Array(events[..<2]))
                let open = try #require(try await debouncer.window(of: events[1], key: key))
                let page = try await debouncer.openWindows(after: nil, limit: 1)
                #expect([open] == page.items)
                for (event, other) in [(events[2], key), (events[0], Samples.key(part: "8"))] {
                    #expect(try await debouncer.window(of: event, key: other) == nil)
                }
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                try await harness.add([events[2]])
                #expect(try await debouncer.window(of: events[1], key: key) == open)
                #expect(try await debouncer.window(of: events[2], key: key)?.id != open.id)
                try await debouncer.acknowledge(claims)
                #expect(try await debouncer.window(of: events[1], key: key) == nil)
            },
            Check("The open window of a key is found by the key") { harness async throws in
                let events = Samples().eventIDs(3)
                let (debouncer, key) = (harness.debouncer, Samples.key())
                #expect(try await debouncer.openWindow(of: key) == nil)
                try await harness.add(Array(events[..<2]))
                let open = try #require(try await debouncer.openWindows(after: nil, limit: 1).items.first)
                #expect(try await debouncer.openWindow(of: key) == open)
                for other in [Samples.key(part: "8"), Samples.key(part: nil)] {
                    #expect(try await debouncer.openWindow(of: other) == nil)
                }
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                #expect(claims.count == 1)
                #expect(try await debouncer.openWindow(of: key) == nil)
                try await harness.add([events[2]])
                #expect(try await debouncer.openWindow(of: key)?.events == 1)
            },
            Check("Events that wait in no window of their key are missing") { harness async throws in
                let samples = Samples()
                let keys = ["open", "claimed", "released", "closed", "ended", "never"].map { Samples.key(part: $0) }
                let entries = keys.map { key in
                    DebounceEntry(event: samples.eventID(), key: key, policy: harness.tumbling)
                }
                for index in [1, 2, 4] {
                    let claim = try #require(try await harness.claimed([entries[index].event], key: keys[index]))
                    if index == 2 { try await harness.debouncer.release([claim]) { _ in .seconds(3600) } }
                    if index == 4 { try await harness.debouncer.acknowledge([claim]) }
                }
                try await harness.add([entries[3]])
                _ = try await harness.debouncer.flush(keys[3])
                try await harness.add([entries[0]])
                let elsewhere = DebounceEntry(event: entries[0].event, key: keys[5], policy: harness.tumbling)
                let missing = try await harness.debouncer.missing(entries + [elsewhere])
                #expect(Set(missing) == [entries[4], entries[5], elsewhere] && missing.count == 3)
            },
            Check("The missing ones of 1,000 events are found") { harness async throws in
                let entries = Samples().eventIDs(1000).enumerated().map { index, event in
                    DebounceEntry(
                        event: event, key: Samples.key(recipient: Int64(index % 10)), policy: harness.tumbling)
                }
                try await harness.add(entries.filter { $0.key.recipient != 3 })
                let missing = try await harness.debouncer.missing(entries)
                let expected = entries.filter { $0.key.recipient == 3 }
                #expect(Set(missing) == Set(expected) && missing.count == 100)
            },
        ]
    }

    static var erasing: [Check] {
        [
            Check("Erasing a recipient deletes its open and claimed windows, and no others") { harness async throws in
                let samples = Samples()
                let keys = [("open", Int64(-5)), ("claimed", -5), (nil, -5), ("open", 5), ("claimed", 5)].map {
                    Samples.key(recipient: $1, part: $0)
                }
                let events = samples.eventIDs(keys.count)
                var claims: [WindowClaim] = []
                for index in [1, 4] {
                    claims.append(try #require(try await harness.claimed([events[index]], key: keys[index])))
                }
                for index in [0, 2, 3] { try await harness.add([events[index]], key: keys[index]) }
                try await harness.debouncer.erase(recipient: -5)
                #expect(try await harness.debouncer.openWindows(after: nil, limit: 10).items.map(\.key) == [keys[3]])
                #expect(try await harness.debouncer.renew(claims, lease: harness.ticks(20)) == [claims[1].id])
                let entries = zip(events, keys).map { DebounceEntry(event: $0, key: $1, policy: harness.tumbling) }
                #expect(Set(try await harness.debouncer.missing(entries)) == Set(entries[..<3]))
                try await harness.debouncer.acknowledge(claims)
                try await harness.advance(ticks: 30)
                let batch = try await harness.claim()
                #expect(batch.claims.map(\.events) == [[events[3]]])
            },
            Check("An erased recipient's events can be added again") { harness async throws in
                let event = Samples().eventID()
                try await harness.add([event])
                try await harness.debouncer.erase(recipient: Samples.recipient)
                #expect(try await harness.claim().nextDueIn == nil)
                #expect(try await harness.add([event]).outcomes == [.opened])
                try await harness.advance(ticks: 10)
                #expect(try await harness.claim().claims.map(\.events) == [[event]])
            },
        ]
    }
}
