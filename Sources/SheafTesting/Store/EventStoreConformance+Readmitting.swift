import SheafCore
import Testing

extension EventStoreConformance {
    static var readmitting: [Check] {
        [
            Check("A dead event of an ended window is admitted as if it came now") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, later) = (samples.events(3), samples.event())
                let first = try await harness.claimed(events)
                let digest = samples.digest(
                    first, exceptions: [EventException(event: events[1].id, status: .dead, reason: "bad_payload")])
                try await store.digest([digest])
                try await harness.accept([later])
                let open = try #require(try await store.window(of: later))
                #expect(try await store.readmit([events[1]], as: .window(harness.tumbling)) == [events[1]])
                #expect(try await store.stored(events[1]) == StoredEvent(event: events[1], window: open))
                #expect(try await harness.openWindows().map(\.events) == [2])
                #expect(try await store.statistics().newEvents == 2)
                #expect(try await store.events(in: digest.id) == [events[0].id, events[2].id])
                #expect(try await store.endedWindow(first.id)?.events == 3)
                _ = try await store.flush(Samples.key())
                let second = try #require(try await harness.claim().claims.first)
                #expect(second.events == [events[1], later])
                let again = samples.digest(second)
                try await store.digest([again])
                #expect(
                    try await store.events(events.map(\.id)).map(\.notificationID) == [digest.id, again.id, digest.id])
            },
            Check("An event without a window is admitted in every requested way") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (free, dead) = (samples.events(4), samples.events(2))
                try await store.relay(free + dead)
                try await store.markDead(dead.map(\.id), reason: "bad_payload")
                let ways: [EventID: Admission] = [
                    free[0].id: .window(harness.tumbling), free[1].id: .alone, free[2].id: .relayed,
                    dead[0].id: .window(harness.tumbling), dead[1].id: .relayed,
                ]
                let ids = (free + dead).map(\.id)
                let admitted = try await store.transaction("readmit") { transaction in
                    try transaction.readmit(ids) { event in
                        #expect((free + dead).contains(event))
                        return ways[event.id]
                    }
                }
                #expect(Set(admitted) == Set(free[..<3] + dead) && admitted.count == 5)
                #expect(try await store.unassignedEvents(ids) == [free[2], free[3], dead[1]])
                #expect(try await harness.openWindows().map(\.events) == [2])
                #expect(try await store.window(of: free[0]) == store.window(of: dead[0]))
                #expect(try await harness.claim().claims.map(\.events) == [[free[1]]])
                #expect(try await store.statistics().newEvents == 6)
                try await store.digest([samples.digest([free[2], free[3], dead[1]])])
            },
            Check("Events that wait, have ended otherwise or are missing are not readmitted") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (notified, waiting, quiet) = (samples.events(2), samples.event(), samples.event(recipient: 43))
                let digest = samples.digest(
                    try await harness.claimed(notified),
                    exceptions: [EventException(event: notified[1].id, status: .suppressed, reason: "retracted")])
                try await store.digest([digest])
                try await store.digest([
                    samples.digest(try await harness.claimed([quiet]), composition: .suppressed(reason: "quiet"))
                ])
                try await harness.accept([waiting])
                let events = notified + [waiting, quiet, samples.event()]
                let before = try await store.events(events.map(\.id))
                #expect(try await store.readmit(events, as: .alone).isEmpty)
                #expect(try await store.readmit([], as: .alone).isEmpty)
                #expect(try await store.events(events.map(\.id)) == before)
                #expect(try await harness.claim().claims.isEmpty)
            },
            Check("An event that is named twice is readmitted once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.relay([event])
                #expect(try await store.readmit([event, event], as: .window(harness.tumbling)) == [event])
                #expect(try await harness.openWindows().map(\.events) == [1])
                #expect(try await store.readmit([event], as: .window(harness.tumbling)).isEmpty)
            },
            Check("Many readmitted events fill windows as new events do") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(1200)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 500)
                try await store.relay(Array(events[..<1000]))
                try await store.markDead(events[..<600].map(\.id), reason: "bad_payload")
                try await harness.accept(Array(events[1000...]), policy)
                #expect(try await store.readmit(Array(events[..<1000]), as: .window(policy)).count == 1000)
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events.count) == [500, 500])
                #expect(try await harness.openWindows().map(\.events) == [200])
            },
            Check("Concurrent redrives take each letter once, and readmit an event of two letters once") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(20)
                try await store.relay(events)
                try await store.markDead(events.map(\.id), reason: "handler_failed")
                try await store.insert((events + events).map { samples.deadLetter(.event($0.id)) })
                let (letters, admitted) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await store.transaction("redrive") { transaction in
                                let letters = try transaction.takeDeadLetters(nil, limit: 5)
                                let ids = letters.compactMap { letter -> EventID? in
                                    if case .event(let id)? = letter.body { id } else { nil }
                                }
                                return (letters.count, try transaction.readmit(ids) { _ in .alone }.count)
                            }
                        }
                    }
                    return try await group.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
                }
                #expect(letters == 40 && admitted == 20)
                let claims = try await harness.claim().claims
                #expect(Set(claims.flatMap(\.events).map(\.id)) == Set(events.map(\.id)) && claims.count == 20)
            },
            Check("A redrive takes the letter and admits the event in one transaction, or does neither") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let letter = samples.deadLetter(.event(event.id))
                let digest = samples.digest(
                    try await harness.claimed([event]),
                    exceptions: [EventException(event: event.id, status: .dead, reason: "bad_payload")],
                    composition: .suppressed(reason: "empty"))
                try await store.digest([digest])
                try await store.insert([letter])
                let before = try await store.stored(event)
                for isUndone in [true, false] {
                    let error = await failure(SheafError.self) {
                        try await store.transaction("redrive") { transaction in
                            let letters = try transaction.takeDeadLetters(nil, limit: 10)
                            #expect(letters == [letter])
                            let admitted = try transaction.readmit([event.id]) { _ in .alone }
                            #expect(admitted == [event])
                            if isUndone { throw SheafError(.conflict, "undone") }
                        }
                    }
                    #expect((error != nil) == isUndone)
                    #expect(try await store.deadLetters(after: nil, limit: 9) == (isUndone ? [letter] : []))
                    #expect((try await store.stored(event) == before) == isUndone)
                    #expect(try await harness.claim().claims.map(\.events) == (isUndone ? [] : [[event]]))
                }
            },
        ]
    }
}
