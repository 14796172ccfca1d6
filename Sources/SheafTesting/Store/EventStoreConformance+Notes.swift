import SheafCore
import Testing

extension EventStoreConformance {
    static var notes: [Check] {
        [
            Check("Notes of events and notifications are read oldest first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let id = try await store.notification(of: samples)
                try await store.relay([event])
                let notes = [
                    HistoryNote(subject: .event(event.id), at: samples.start, step: .dead, reason: "bad_payload"),
                    HistoryNote(subject: .notification(id), at: samples.start + .seconds(1), step: .redriven),
                    HistoryNote(subject: .event(event.id), at: samples.start + .seconds(2), step: .swept),
                ]
                try await store.note(notes.reversed())
                #expect(try await store.notes(of: [.event(event.id), .notification(id)]) == notes)
                #expect(try await store.notes(of: [.event(event.id)]) == [notes[0], notes[2]])
                #expect(try await store.notes(of: []).isEmpty)
            },
            Check("A note of something missing is skipped, and a note is deleted with its subject") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let note = HistoryNote(subject: .event(event.id), at: samples.start, step: .swept)
                try await store.note([note])
                #expect(try await store.notes(of: [note.subject]).isEmpty)
                try await store.relay([event])
                try await store.note([note])
                #expect(try await store.notes(of: [note.subject]) == [note])
                try await store.erase(Samples.recipient)
                #expect(try await store.notes(of: [note.subject]).isEmpty)
            },
            Check("A note is stored with its transaction or not at all") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.relay([event])
                _ = await failure(SheafError.self) {
                    try await store.transaction("note") { transaction in
                        try transaction.note([
                            HistoryNote(subject: .event(event.id), at: transaction.now, step: .swept)
                        ])
                        throw SheafError(.conflict, "undone")
                    }
                }
                #expect(try await store.notes(of: [.event(event.id)]).isEmpty)
            },
        ]
    }

    static var replaying: [Check] {
        [
            Check("A replay's notification is stored once, with notes for its events") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let first = samples.digest([events[0], events[1]])
                try await store.relay(events)
                try await store.digest([
                    first, samples.digest([events[2]], composition: .suppressed(reason: "no_banned_items")),
                ])
                let before = try await store.events(events.map(\.id))
                try await store.loseMessages(of: .notificationSend)
                let again = samples.replayed(events)
                #expect(try await store.replay([again], as: "a") == [again.id])
                #expect(try await store.notification(again.id)?.eventCount == 3)
                #expect(try await store.events(in: again.id) == events.map(\.id))
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [again.message])
                let notes = try await store.notes(of: events.map { .event($0.id) })
                #expect(notes.map(\.notification) == [again.id, again.id, again.id])
                #expect(notes.allSatisfy { $0.step == .replayed && $0.reason == "a" })
                // The events do not change.
                #expect(try await store.events(events.map(\.id)) == before)
                #expect(before.map(\.notificationID) == [first.id, first.id, nil])
                #expect(try await store.events(in: first.id) == [events[0].id, events[1].id])
                #expect(try await store.replay([samples.replayed(events)], as: "a").isEmpty)
                #expect(try await store.replay([samples.replayed([events[1]])], as: "a").isEmpty)
                #expect(try await store.replay([samples.replayed([events[1]])], as: "b").count == 1)
            },
            Check("A replay skips events that are new, dead or missing, and composes the others") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, notified, waiting) = (samples.events(3), samples.event(), samples.event())
                try await store.digest([samples.digest(try await harness.claimed([notified]))])
                try await harness.accept([waiting])
                try await store.relay([events[0], events[1]])
                try await store.markDead([events[1].id], reason: "bad_payload")
                let good = samples.replayed([notified])
                let digests =
                    (events + [waiting]).map { samples.replayed([$0]) } + [samples.replayed([notified, waiting])]
                #expect(try await store.replay(digests + [good], as: "a") == [good.id])
                #expect(try await store.notes(of: [.event(waiting.id)]).isEmpty)
                #expect(try await store.unassignedEvents([events[0].id]) == [events[0]])
            },
            Check("A replay's notifications are erased with the recipient") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.relay([event])
                try await store.digest([samples.digest([event])])
                let again = samples.replayed([event])
                try await store.replay([again], as: "a")
                try await store.erase(Samples.recipient)
                #expect(try await store.notification(again.id) == nil)
                #expect(try await store.events(in: again.id).isEmpty)
                #expect(try await store.notes(of: [.event(event.id)]).isEmpty)
                #expect(try await store.statistics().messages == 0)
            },
            Check("The events of a period are read in the order in which they were accepted") { harness async throws in
                let (store, start) = (harness.store, TestClock.start)
                let events = (0..<4).map { second in
                    Samples().event(type: second == 2 ? 9 : 1, receivedAt: start + .seconds(second))
                }
                try await store.relay(events.reversed())
                try await store.digest([Samples().digest([events[1]])])
                func read(_ type: EventTypeCode?, after cursor: EventID? = nil, limit: Int = 10) async throws
                    -> [EventID]
                {
                    try await store.events(
                        since: start + .seconds(1), until: start + .seconds(3), type: type, after: cursor, limit: limit
                    ).events.map(\.event.id)
                }
                #expect(try await read(nil) == [events[1].id, events[2].id])
                #expect(try await read(nil, limit: 1) == [events[1].id])
                #expect(try await read(nil, after: events[1].id) == [events[2].id])
                #expect(try await read(9) == [events[2].id])
                let found = try await store.events([events[1].id, events[0].id, Samples().eventID()])
                #expect(found.map(\.event) == [events[0], events[1]])
                #expect(found.map(\.status) == [.new, .processed])
            },
            Check("The few events of a type are found among 12,000 of others, page after page") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<12_000).map { samples.event(type: [3, 11_000, 11_999].contains($0) ? 9 : 1) }
                for start in stride(from: 0, to: events.count, by: 4000) {
                    try await store.relay(Array(events[start..<start + 4000]))
                }
                var (found, cursor, pages): ([EventID], EventID?, Int) = ([], nil, 0)
                repeat {
                    let page = try await store.events(
                        since: samples.start, until: samples.start + .seconds(1), type: 9, after: cursor, limit: 500)
                    found += page.events.map(\.event.id)
                    cursor = page.next
                    pages += 1
                } while cursor != nil
                #expect(found == [events[3].id, events[11_000].id, events[11_999].id])
                #expect(pages <= 2)
            },
        ]
    }
}

extension EventStore {
    fileprivate func note(_ notes: [HistoryNote]) async throws {
        try await transaction("note") { try $0.note(notes) }
    }

    @discardableResult
    fileprivate func replay(_ digests: [ReplayedDigest], as replay: String) async throws -> Set<NotificationID> {
        try await transaction("replay") { try $0.replay(digests, as: replay) }
    }
}
