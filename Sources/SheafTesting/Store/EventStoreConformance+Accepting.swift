import SheafCore
import Testing

extension EventStoreConformance {
    static var accepting: [Check] {
        [
            Check("A fresh store is empty") { harness async throws in
                let statistics = try await harness.store.statistics()
                #expect(statistics.newEvents == 0 && statistics.deadLetters == 0)
                #expect(statistics.oldestDueAt == nil && statistics.oldestMessageAt == nil)
                #expect(statistics.messages == 0)
            },
            Check("An event is read back as it was accepted, by every query") { harness async throws in
                for (index, admission) in [Admission.window(harness.tumbling), .alone, .relayed].enumerated() {
                    let event = Samples().event(
                        producerID: "order-\(index)",
                        receivedAt: Timestamp(microseconds: TestClock.start.microseconds + 123_456),
                        payload: #"{"sale_id": 7,  "note": "🫖 «Полёт» \"\\ \u0000"}"#,
                        traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    #expect(try await harness.store.accept([event], as: admission) == [.stored])
                    let stored = try #require(try await harness.store.stored(event))
                    #expect(stored == StoredEvent(event: event, window: stored.window))
                    #expect((stored.window == nil) == (admission == .relayed))
                    #expect(stored.event.payload.exactly == event.payload.exactly)
                    let unassigned = try await harness.store.unassignedEvents([event.id])
                    #expect(unassigned == (admission == .relayed ? [event] : []))
                }
            },
            Check("An event can be suppressed when it is accepted, in a window that no other event joins") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (first, last) = (samples.event(), samples.event())
                let ended = samples.event(keyPart: "a:b", producerID: "a")
                try await harness.accept([first])
                let outcomes = try await store.transaction("accept") {
                    try $0.accept([
                        AdmittedEvent(ended, .ended(reason: "not_matching")),
                        AdmittedEvent(last, .window(harness.tumbling)),
                    ])
                }
                #expect(outcomes == [.stored, .stored])
                #expect(try await store.accept([samples.event(producerID: "a")], as: .ended(reason: "x")) != [.stored])
                let stored = try #require(try await store.stored(ended))
                #expect(stored.status == .suppressed && stored.reason == "not_matching")
                #expect(stored.event == ended && stored.notificationID == nil && stored.finishedAt != nil)
                let id = try #require(stored.window)
                let window = try #require(try await store.endedWindow(id))
                #expect(window.isAlone && window.events == 1 && window.reason == "not_matching")
                #expect(window.span.key == ended.windowKey && window.notification == nil)
                #expect(try await harness.openWindows().map(\.events) == [2])
                #expect(try await store.statistics().newEvents == 2)
                #expect(try await store.unassignedEvents([ended.id]).isEmpty)
                #expect(
                    try await store.events(of: ended.recipient, after: nil, limit: 10).items.map(\.stored.status)
                        == [.suppressed, .new, .new])
                try await store.erase(ended.recipient)
                #expect(try await store.stored(ended) == nil)
            },
            Check("A missing key part, producer id or trace stays missing") { harness async throws in
                let samples = Samples()
                let bare = samples.event(keyPart: nil, payload: "{}")
                let empty = samples.event(keyPart: "", payload: "{}")
                try await harness.accept([bare, empty])
                #expect(try await harness.store.events([bare.id, empty.id]).map(\.event) == [bare, empty])
            },
            Check("Unusual key parts, sources and ids are stored byte for byte") { harness async throws in
                let samples = Samples()
                let oddities = [
                    ":", "%3A", "a:b:c", "Распродажа «Осень»", "🫖👩‍👩‍👧", "'; DROP TABLE events; --", "\"\\\n\t", " ",
                    "NULL",
                ]
                let events = oddities.map { samples.event(keyPart: $0, source: "//s/\($0)", producerID: $0) }
                #expect(try await harness.accept(events) == Array(repeating: .stored, count: events.count))
                let read = try await harness.store.events(events.map(\.id)).map(\.event)
                #expect(read == events)
                #expect(read.map(\.keyPart?.exactly) == oddities.map(\.exactly))
                #expect(read.map(\.producerID?.exactly) == oddities.map(\.exactly))
            },
            Check("Ids that differ only in their Unicode normal form are different") { harness async throws in
                let samples = Samples()
                let events = ["caf\u{E9}", "cafe\u{301}"].map { samples.event(producerID: $0) }
                #expect(try await harness.accept(events) == [.stored, .stored])
                let again = events.map { samples.event(producerID: $0.producerID) }
                #expect(
                    try await harness.accept(again) == [
                        .duplicate(of: events[0].id), .duplicate(of: events[1].id),
                    ])
            },
            Check("An id is equal only to itself, whatever it looks like") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let uuid = "6c84fb90-12c4-41e1-840d-25e55e2dfa0c"
                let ids = [
                    uuid, uuid.uppercased(), "6C" + uuid.dropFirst(2), uuid.filter { $0 != "-" }, "{\(uuid)}",
                    uuid + " ",
                    // A UUID of bytes that are letters, those letters, and its bytes as a producer might write them.
                    "61616161-6161-6161-6161-616161616161", String(repeating: "a", count: 16),
                    String(repeating: "a", count: 17), "\\xff" + String(repeating: "61", count: 16),
                    "018f0000-0000-7000-8000-000000000000", "00000000-0000-0000-0000-000000000000",
                ]
                let events = ids.map { samples.event(producerID: $0) }
                #expect(try await harness.accept(events) == Array(repeating: .stored, count: events.count))
                let again = ids.reversed().map { samples.event(producerID: $0) }
                #expect(try await harness.accept(again) == events.reversed().map { .duplicate(of: $0.id) })
                let elsewhere = ids.map { samples.event(source: "elsewhere", producerID: $0) }
                #expect(try await harness.accept(elsewhere) == Array(repeating: .stored, count: events.count))
                for (id, (first, second)) in zip(ids, zip(events, elsewhere)) {
                    #expect(try await store.event(publicID: id, source: first.source)?.event == first)
                    #expect(try await store.event(publicID: id)?.event == second)
                    #expect(try await store.outlook(of: first).isKnown)
                }
                let unknown = samples.event(producerID: "6c84fb90-12c4-41e1-840d-25e55e2dfa0d")
                #expect(try await !store.outlook(of: unknown).isKnown)
            },
            Check("Recipients with extreme 64-bit values are stored exactly") { harness async throws in
                let samples = Samples()
                let events = [Int64.min, -1, 0, .max].map { samples.event(recipient: $0) }
                try await harness.accept(events)
                #expect(try await harness.store.events(events.map(\.id)).map(\.event) == events)
            },
            Check("A producer's identifier is stored once") { harness async throws in
                let samples = Samples()
                let first = samples.event(producerID: "a")
                let second = samples.event(recipient: 43, type: 2, producerID: "a", payload: "{}")
                #expect(try await harness.accept([first]) == [.stored])
                #expect(try await harness.accept([second]) == [.duplicate(of: first.id)])
                #expect(try await harness.store.stored(second) == nil)
                #expect(try await harness.store.stored(first)?.event == first)
                #expect(try await harness.store.statistics().newEvents == 1)
            },
            Check("A producer's identifier is stored once within a batch too") { harness async throws in
                let samples = Samples()
                let events = ["a", "b", "a", "a"].map { samples.event(producerID: $0) }
                let expected: [AppendOutcome] = [
                    .stored, .stored, .duplicate(of: events[0].id), .duplicate(of: events[0].id),
                ]
                #expect(try await harness.accept(events) == expected)
                #expect(try await harness.store.events(events.map(\.id)).map(\.event) == Array(events[0...1]))
            },
            Check("A producer's identifier is stored once within a transaction of several steps") {
                harness async throws in
                let samples = Samples()
                let (first, second) = (samples.event(producerID: "a"), samples.event(producerID: "a"))
                let outcomes = try await harness.store.transaction("two steps") {
                    try $0.relay([first]) + $0.relay([second])
                }
                #expect(outcomes == [.stored, .duplicate(of: first.id)])
            },
            Check("A source from a rolled-back transaction is stored under its own name afterwards") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let lost = samples.event(source: "//lost")
                await #expect(throws: SheafError.self) {
                    try await store.transaction("lost") { transaction in
                        _ = try transaction.relay([lost])
                        throw SheafError(.invalid, "taken back")
                    }
                }
                let events = ["//other", "//lost"].map { samples.event(source: $0, producerID: "a") }
                for event in events { #expect(try await store.relay([event]) == [.stored]) }
                for event in events { #expect(try await store.stored(event)?.event.source == event.source) }
            },
            Check("The same identifier from another source is another event") { harness async throws in
                let samples = Samples()
                let events = ["http", "file", "HTTP"].map { samples.event(source: $0, producerID: "a") }
                #expect(try await harness.accept(events) == [.stored, .stored, .stored])
            },
            Check("Source and identifier are not joined into one key") { harness async throws in
                let samples = Samples()
                let events = [("a", "b:c"), ("a:b", "c"), ("", "a:b:c")].map {
                    samples.event(source: $0.0, producerID: $0.1)
                }
                #expect(try await harness.accept(events) == [.stored, .stored, .stored])
            },
            Check("Events without an identifier of the producer are always new") { harness async throws in
                let events = Samples().events(3)
                #expect(try await harness.accept(events) == [.stored, .stored, .stored])
                #expect(try await harness.store.statistics().newEvents == 3)
            },
            Check("An identifier stays known after its event has ended") { harness async throws in
                let samples = Samples()
                let (notified, dead) = (samples.event(producerID: "notified"), samples.event(producerID: "dead"))
                try await harness.store.digest([samples.digest(try await harness.claimed([notified]))])
                try await harness.store.relay([dead])
                try await harness.store.markDead([dead.id], reason: "bad_payload")
                let again = [samples.event(producerID: "notified"), samples.event(producerID: "dead")]
                let expected: [AppendOutcome] = [.duplicate(of: notified.id), .duplicate(of: dead.id)]
                #expect(try await harness.accept(again) == expected)
            },
            Check("A batch of 500 with every second event known returns outcomes in its order") {
                harness async throws in
                let samples = Samples()
                let known = (0..<250).map { samples.event(producerID: "e\(2 * $0)") }
                #expect(try await harness.accept(known) == Array(repeating: .stored, count: 250))
                let batch = (0..<500).map { samples.event(producerID: "e\($0)") }
                let expected = (0..<500).map { $0 % 2 == 0 ? AppendOutcome.duplicate(of: known[$0 / 2].id) : .stored }
                #expect(try await harness.accept(batch) == expected)
                #expect(try await harness.store.statistics().newEvents == 500)
            },
            Check("An empty batch does nothing") { harness async throws in
                #expect(try await harness.accept([]).isEmpty)
                #expect(try await harness.store.events([]).map(\.event).isEmpty)
                #expect(try await harness.store.markDead([], reason: "none").isEmpty)
                #expect(try await harness.store.statistics().newEvents == 0)
            },
            Check("If many accept the same producer id at once, one stores it") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let outcomes = try await withThrowingTaskGroup(of: (EventID, AppendOutcome).self) { group in
                    for _ in 0..<20 {
                        let event = samples.event(producerID: "contested")
                        group.addTask { (event.id, try await store.accept([event], as: .window(WindowPolicy()))[0]) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let winners = outcomes.filter { $0.1 == .stored }.map(\.0)
                let winner = try #require(winners.first)
                #expect(winners.count == 1)
                let losers = outcomes.filter { $0.1 == .duplicate(of: winner) }
                #expect(losers.count == 19)
            },
        ]
    }
}
