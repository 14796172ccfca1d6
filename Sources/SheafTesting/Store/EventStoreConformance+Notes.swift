import SheafCore
import Testing

extension EventStoreConformance {
    static var notes: [Check] {
        [
            Check("What is noted of events and notifications is told, oldest first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let id = try await store.notification(of: samples)
                try await store.append([event])
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
            Check("A note of what there is not is passed over, and goes with what it is about") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let note = HistoryNote(subject: .event(event.id), at: samples.start, step: .swept)
                try await store.note([note])
                #expect(try await store.notes(of: [note.subject]).isEmpty)
                try await store.append([event])
                try await store.note([note])
                #expect(try await store.notes(of: [note.subject]) == [note])
                try await store.erase(Samples.recipient)
                #expect(try await store.notes(of: [note.subject]).isEmpty)
            },
            Check("A note is written with its transaction, or not at all") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.append([event])
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
            Check("What a replay composed is stored once, and noted with its events") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let first = samples.binding([events[0], events[1]])
                try await store.append(events)
                try await store.bind([
                    first, samples.binding([events[2]], composition: .suppressed(reason: "no_banned_items")),
                ])
                let anew = samples.binding(events)
                #expect(try await store.replay([anew], as: "a") == [anew.id])
                #expect(try await store.notification(anew.id)?.eventCount == 3)
                #expect(try await store.binding(anew.id)?.events == events.map(\.id))
                let notes = try await store.notes(of: events.map { .event($0.id) })
                #expect(notes.map(\.notification) == [anew.id, anew.id, anew.id])
                #expect(notes.allSatisfy { $0.step == .replayed && $0.reason == "a" })
                // The events stay what they were.
                #expect(try await store.stored(events[0])?.binding == first.id)
                #expect(try await store.stored(events[2])?.status == .suppressed)
                #expect(try await store.replay([samples.binding(events)], as: "a").isEmpty)
                #expect(try await store.replay([samples.binding([events[1]])], as: "a").isEmpty)
                #expect(try await store.replay([samples.binding([events[1]])], as: "b").count == 1)
            },
            Check("A replay passes over events that are new, dead or gone") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.append([events[0], events[1]])
                try await store.markDead([events[1].id], reason: "bad_payload")
                #expect(try await store.replay(events.map { samples.binding([$0]) }, as: "a").isEmpty)
                #expect(try await store.newEvents([events[0].id]) == [events[0]])
            },
            Check("What a replay composed is erased with the recipient") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.append([event])
                try await store.bind([samples.binding([event])])
                let anew = samples.binding([event])
                try await store.replay([anew], as: "a")
                try await store.erase(Samples.recipient)
                #expect(try await store.notification(anew.id) == nil)
                #expect(try await store.binding(anew.id) == nil)
                #expect(try await store.notes(of: [.event(event.id)]).isEmpty)
            },
            Check("Events are read in the order they were accepted, within a period") { harness async throws in
                let (store, start) = (harness.store, TestClock.start)
                let events = (0..<4).map { second in
                    Samples().event(type: second == 2 ? 9 : 1, receivedAt: start + .seconds(second))
                }
                try await store.append(events.reversed())
                try await store.bind([Samples().binding([events[1]])])
                func read(_ type: EventTypeCode?, after cursor: EventID? = nil, limit: Int = 10) async throws
                    -> [EventID]
                {
                    try await store.events(
                        since: start + .seconds(1), until: start + .seconds(3), type: type, after: cursor, limit: limit
                    ).map(\.event.id)
                }
                #expect(try await read(nil) == [events[1].id, events[2].id])
                #expect(try await read(nil, limit: 1) == [events[1].id])
                #expect(try await read(nil, after: events[1].id) == [events[2].id])
                #expect(try await read(9) == [events[2].id])
                let found = try await store.events([events[1].id, events[0].id, Samples().eventID()])
                #expect(found.map(\.event) == [events[0], events[1]])
                #expect(found.map(\.status) == [.new, .processed])
            },
        ]
    }
}

extension EventStore {
    fileprivate func note(_ notes: [HistoryNote]) async throws {
        try await transaction("note") { try $0.note(notes) }
    }

    @discardableResult
    fileprivate func replay(_ bindings: [Binding], as replay: String) async throws -> Set<NotificationID> {
        try await transaction("replay") { try $0.replay(bindings, as: replay) }
    }
}
