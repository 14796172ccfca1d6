import SheafCore
import Testing

extension EventStoreConformance {
    static var erasing: [Check] {
        [
            Check("Erasing a recipient deletes all of its data, and none of others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for recipient in [Int64.min, 42] {
                    let events = samples.events(3, recipient: recipient)
                    let digest = samples.digest([events[0]])
                    try await store.relay(events)
                    try await store.digest([digest])
                    let window = try #require(try await store.window(of: events[0]))
                    try await store.record([
                        DeliveryRecord(notification: digest.id, attempt: Samples.attempt(1, at: samples.start, .retry))
                    ])
                    try await store.insert([samples.deadLetter(.event(events[1].id), recipient: recipient)])
                    try await store.publish([
                        QueueMessage(key: recipient, body: .event(events[2].id)),
                        QueueMessage(key: recipient, body: .notification(digest.id), delay: harness.ticks(9)),
                    ])
                    guard recipient == .min else { continue }
                    try await store.erase(recipient)
                    #expect(try await store.unassignedEvents(events.map(\.id)).isEmpty)
                    #expect(try await store.stored(events[0]) == nil)
                    #expect(try await store.publicIDs(of: events.map(\.id)).isEmpty)
                    #expect(try await store.notification(digest.id) == nil)
                    #expect(try await store.endedWindow(window) == nil)
                    #expect(try await store.events(in: digest.id).isEmpty)
                    #expect(try await store.attempts(of: digest.id).isEmpty)
                    let statistics = try await store.statistics()
                    #expect(statistics.newEvents == 0 && statistics.deadLetters == 0)
                    #expect(statistics.messages == 0)
                }
                try await store.erase(.min)
                try await harness.advance(ticks: 9)
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 2 && statistics.deadLetters == 1)
                #expect(statistics.backlog == [.eventOccurred: 1, .notificationSend: 2])
                let page = try await store.feed(recipient: 42, after: nil, limit: 10, unreadOnly: false)
                #expect(page.items.count == 1 && page.items[0].attempts == 1)
            },
            Check("Erasing deletes the recipient's windows in every state, and no others") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 2)
                var held: [ClaimedWindow] = []
                for recipient in [Int64(42), 43] {
                    // One waits, one is claimed, one is closed, one is open, one is of a single event.
                    try await harness.accept(samples.events(2, recipient: recipient), policy)
                    let waiting = try #require(try await harness.claim().claims.first)
                    try await store.postpone([
                        Postponement(waiting, delay: harness.ticks(500), reason: .daily, maxEvents: 2)
                    ])
                    try await harness.accept(samples.events(2, recipient: recipient), policy)
                    let claimed = try #require(try await harness.claim().claims.first)
                    try await harness.accept(samples.events(3, recipient: recipient), policy)
                    try await store.accept([samples.event(recipient: recipient)], as: .alone)
                    #expect(try await store.statistics().newEvents == 8)
                    held = [claimed]
                    guard recipient == 42 else { continue }
                    try await store.erase(42)
                    #expect(try await store.digested([samples.digest(claimed)]).ids.isEmpty)
                    #expect(try await store.renew([claimed], lease: harness.ticks(20)).isEmpty)
                    #expect(try await store.statistics().newEvents == 0)
                    #expect(try await harness.openWindows().isEmpty)
                    let batch = try await harness.claim()
                    #expect(batch == ClaimBatch(claims: [], nextDueIn: nil))
                }
                try await store.erase(42)
                #expect(try await store.statistics().newEvents == 8)
                #expect(try await harness.openWindows().map(\.key.recipient) == [43, 43])
                try await store.nack(held)
                #expect(try await harness.claim().claims.map(\.events.count).sorted() == [1, 2, 2])
            },
            Check("A notification is erased whose window was pruned before, and one that is being delivered") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = [try await store.notification(of: samples), try await store.notification(of: samples)]
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                let received = try await consumer.gather(2)
                try await store.record([
                    DeliveryRecord(notification: ids[0], attempt: Samples.attempt(1, at: samples.start, .delivered)),
                    DeliveryRecord(notification: ids[1], attempt: Samples.attempt(1, at: samples.start, .retry)),
                ])
                _ = try await store.transaction("prune") {
                    try $0.prune(.events, before: .distantFuture, limit: 100)
                }
                #expect(try await store.notifications(ids).count == 2)
                try await store.erase(Samples.recipient)
                #expect(try await store.notifications(ids).isEmpty)
                let late = DeliveryRecord(
                    notification: ids[1], attempt: Samples.attempt(2, at: samples.start, .delivered))
                let recorded = try await store.transaction("late") { transaction in
                    try transaction.acknowledge(received)
                    return try transaction.record([late])
                }
                await consumer.forget(received)
                #expect(recorded.isEmpty)
                for id in ids { #expect(try await store.attempts(of: id).isEmpty) }
                #expect(try await store.statistics().messages == 0)
            },
            Check("A producer's identifier stays known after its recipient was erased") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event(producerID: "a")
                try await store.relay([event])
                try await store.erase(event.recipient)
                #expect(try await store.relay([samples.event(producerID: "a")]) == [.duplicate(of: event.id)])
                #expect(try await store.event(publicID: "a") == nil)
                let reopened = try await harness.reopen()
                #expect(
                    try await reopened.relay([samples.event(recipient: 43, producerID: "a")]) == [
                        .duplicate(of: event.id)
                    ]
                )
            },
            Check("An erased recipient can have new events") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.relay([samples.event(producerID: "a")])
                try await store.erase(Samples.recipient)
                let event = samples.event(producerID: "b")
                #expect(try await store.relay([event]) == [.stored])
                #expect(try await store.stored(event)?.event == event)
            },
            Check("Erased events cannot be digested, and no attempt restores them") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let id = try await store.notification(of: samples)
                try await store.relay([event])
                try await store.erase(Samples.recipient)
                #expect(try await store.digested([samples.digest([event])]).ids.isEmpty)
                try await store.record([
                    DeliveryRecord(notification: id, attempt: Samples.attempt(1, at: samples.start, .delivered))
                ])
                #expect(try await store.markRead(recipient: Samples.recipient, nil) == false)
                #expect(try await store.notification(id) == nil)
                #expect(try await store.attempts(of: id).isEmpty)
            },
            Check("Erasing keeps dead letters that belong to no recipient") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letters = [samples.deadLetter(nil, recipient: nil), samples.deadLetter(nil, recipient: 0)]
                try await store.insert(letters)
                try await store.erase(0)
                #expect(try await store.deadLetters(after: nil, limit: 10) == [letters[0]])
            },
            Check("What is written after erasing in the same transaction stays") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (before, after) = (samples.event(), samples.event())
                try await store.transaction("erase") { transaction in
                    _ = try transaction.relay([before])
                    try transaction.publish([QueueMessage(key: 42, body: .event(before.id))])
                    _ = try transaction.erase(recipient: 42, limit: 1000)
                    _ = try transaction.relay([after])
                    try transaction.publish([QueueMessage(key: 42, body: .event(after.id))])
                }
                #expect(try await store.unassignedEvents([before.id, after.id]) == [after])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message.body) == [.event(after.id)])
            },
            Check("A message that was erased after its delivery is not delivered again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = [Int64(42), 43].map { QueueMessage(key: $0, body: .event(samples.eventID())) }
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10)
                #expect(received.map(\.message) == messages)
                try await store.erase(42)
                await consumer.nack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [messages[1]])
                try await consumer.acknowledge(received)
                #expect(try await store.statistics().backlog[.eventOccurred, default: 0] == 0)
            },
        ]
    }
}
