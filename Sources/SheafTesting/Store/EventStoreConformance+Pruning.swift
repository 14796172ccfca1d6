import SheafCore
import Testing

extension EventStoreConformance {
    static var pruning: [Check] {
        [
            Check("Pruning removes what ended before a moment, and keeps what ended later") { harness async throws in
                let (store, old, young) = (harness.store, Samples(start: TestClock.start - .seconds(9)), Samples())
                let events = [old.event(producerID: "old"), young.event(producerID: "young")]
                let digests = [old.digest([events[0]]), young.digest([events[1]])]
                try await store.relay(events)
                try await store.digest([digests[0]])
                try await harness.advance(ticks: 1)
                let moment = try await store.digest([digests[1]])
                try await store.deliver(digests)
                let windows = [try await store.window(of: events[0]), try await store.window(of: events[1])]
                    .compactMap(\.self)
                #expect(windows.count == 2)
                try await store.transaction("note") {
                    try $0.note([HistoryNote(subject: .event(events[0].id), at: $0.now, step: .swept)])
                }
                #expect(try await store.prune(.events, before: moment) == 2)
                #expect(try await store.stored(events[0]) == nil)
                #expect(try await store.notes(of: [.event(events[0].id)]).isEmpty)
                #expect(try await store.endedWindow(windows[0]) == nil)
                #expect(try await store.notification(digests[0].id) != nil)
                #expect(try await store.stored(events[1])?.notificationID == digests[1].id)
                #expect(try await store.endedWindow(windows[1]) != nil)
                #expect(try await store.prune(.notifications, before: TestClock.start) == 1)
                #expect(try await store.notification(digests[0].id) == nil)
                #expect(try await store.attempts(of: digests[0].id).isEmpty)
                #expect(try await store.attempts(of: digests[1].id).count == 1)
            },
            Check("An event stays processed when its notification was removed first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let digest = samples.digest([event])
                try await store.relay([event])
                try await store.digest([digest])
                try await store.deliver([digest])
                #expect(try await store.prune(.notifications, before: .distantFuture) == 1)
                #expect(try await store.stored(event)?.status == .processed)
                #expect(try await store.prune(.events, before: .distantFuture) == 2)
                #expect(try await store.stored(event) == nil)
            },
            Check("The producer id of a pruned event stays known") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event(producerID: "a")
                try await store.relay([event])
                try await store.digest([samples.digest([event], composition: .suppressed(reason: "no_banned_items"))])
                #expect(try await store.prune(.events, before: .distantFuture) == 2)
                #expect(try await store.relay([samples.event(producerID: "a")]) == [.duplicate(of: event.id)])
            },
            Check("New events and pending notifications are never pruned") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, waiting) = (samples.events(2), samples.events(2, recipient: 43))
                let digest = samples.digest([events[1]])
                try await store.relay(events)
                try await store.digest([digest])
                let claim = try await harness.claimed([waiting[0]])
                try await harness.accept([waiting[1]])
                for kind in RetainedKind.allCases {
                    #expect(try await store.prune(kind, before: .distantFuture) == 0)
                }
                #expect(try await store.unassignedEvents(events.map(\.id)) == [events[0]])
                #expect(try await store.stored(events[1])?.status == .processed)
                #expect(try await store.notification(digest.id)?.status == .pending)
                #expect(try await store.events(waiting.map(\.id)).map(\.status) == [.new, .new])
                try await store.digest([samples.digest(claim)])
            },
            Check("A window stays with all its events while a dead letter holds one of them") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let exception = EventException(event: events[1].id, status: .dead, reason: "bad_payload")
                let digest = samples.digest(try await harness.claimed(events), exceptions: [exception])
                let letter = samples.deadLetter(.event(events[1].id))
                try await store.digest([digest])
                try await store.deliver([digest])
                try await store.insert([letter])
                #expect(try await store.prune(.events, before: .distantFuture) == 0)
                #expect(try await store.events(events.map(\.id)).count == 3)
                try await store.takeDeadLetters([letter.id], limit: 1)
                #expect(try await store.prune(.events, before: .distantFuture) == 4)
                #expect(try await store.events(events.map(\.id)).isEmpty)
            },
            Check("What a dead letter holds is kept as long as the dead letter") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let id = try await store.notification(of: samples)
                try await store.relay([event])
                try await store.markDead([event.id], reason: "bad_payload")
                try await store.record([
                    DeliveryRecord(notification: id, attempt: Samples.attempt(1, at: samples.start, .failed))
                ])
                let letters = [samples.deadLetter(.event(event.id)), samples.deadLetter(.notification(id))]
                try await store.insert(letters)
                _ = try await store.prune(.events, before: .distantFuture)
                #expect(try await store.prune(.notifications, before: .distantFuture) == 0)
                #expect(try await store.stored(event)?.status == .dead)
                #expect(try await store.prune(.deadLetters, before: samples.start) == 0)
                #expect(try await store.prune(.deadLetters, before: samples.start + .seconds(1)) == 2)
                #expect(try await store.deadLetters(after: nil, limit: 10).isEmpty)
                #expect(try await store.prune(.events, before: .distantFuture) == 1)
                #expect(try await store.stored(event) == nil)
                #expect(try await store.prune(.notifications, before: .distantFuture) == 1)
                #expect(try await store.notification(id) == nil)
            },
            Check("A dead letter is kept from when it failed, however old what it holds is") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letter = DeadLetter(
                    id: Samples(start: samples.start - .seconds(9)).deadLetterID(), topic: "marketplace-sale",
                    reason: "bad_payload", error: "", message: "", body: nil, recipient: nil,
                    failedAt: samples.start)
                try await store.insert([letter])
                #expect(try await store.prune(.deadLetters, before: samples.start) == 0)
                #expect(try await store.prune(.deadLetters, before: samples.start + .seconds(1)) == 1)
            },
            Check("A call prunes about as many rows as its limit, oldest first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let groups = (0..<5).map { _ in samples.events(3) }
                let digests = groups.map {
                    samples.digest($0, composition: .suppressed(reason: "no_banned_items"))
                }
                try await store.relay(groups.flatMap(\.self))
                try await store.digest(digests)
                let removed = try await store.transaction("prune") {
                    try $0.prune(.events, before: .distantFuture, limit: 2)
                }
                #expect((1...8).contains(removed))
                #expect(try await store.stored(groups[0][0]) == nil)
                #expect(try await store.stored(groups[4][2]) != nil)
                _ = try await store.prune(.events, before: .distantFuture)
                #expect(try await store.publicIDs(of: groups.flatMap { $0.map(\.id) }).isEmpty)
            },
        ]
    }
}

extension EventStore {
    /// Prunes until nothing is left to prune.
    /// - Returns: how many rows were removed.
    fileprivate func prune(_ kind: RetainedKind, before moment: Timestamp) async throws -> Int {
        var count = 0
        while true {
            let removed = try await transaction("prune") { try $0.prune(kind, before: moment, limit: 100) }
            guard removed > 0 else { return count }
            count += removed
        }
    }

    fileprivate func deliver(_ digests: [Digest]) async throws {
        try await record(
            digests.map {
                DeliveryRecord(notification: $0.id, attempt: Samples.attempt(1, at: TestClock.start, .delivered))
            })
    }
}
