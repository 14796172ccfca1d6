import SheafCore
import Testing

extension EventStoreConformance {
    static var erasing: [Check] {
        [
            Check("Erasing a recipient leaves nothing of it, and all of the others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for recipient in [Int64.min, 42] {
                    let events = samples.events(3, recipient: recipient)
                    let binding = samples.binding([events[0]])
                    try await store.append(events)
                    try await store.bind([binding])
                    try await store.record([
                        DeliveryRecord(notification: binding.id, attempt: Samples.attempt(1, at: samples.start, .retry))
                    ])
                    try await store.insert([samples.deadLetter(.event(events[1].id), recipient: recipient)])
                    try await store.publish([
                        QueueMessage(key: recipient, body: .event(events[2].id)),
                        QueueMessage(key: recipient, body: .notification(binding.id), delay: harness.ticks(9)),
                    ])
                    guard recipient == .min else { continue }
                    try await store.erase(recipient)
                    #expect(try await store.newEvents(events.map(\.id)).isEmpty)
                    #expect(try await store.stored(events[0]) == nil)
                    #expect(try await store.publicIDs(of: events.map(\.id)).isEmpty)
                    #expect(try await store.notification(binding.id) == nil)
                    #expect(try await store.binding(binding.id) == nil)
                    #expect(try await store.attempts(of: binding.id).isEmpty)
                    let statistics = try await store.statistics()
                    #expect(statistics.newEvents == 0 && statistics.deadLetters == 0)
                    #expect(statistics.messages == 0)
                }
                try await store.erase(.min)
                try await harness.advance(ticks: 9)
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 2 && statistics.deadLetters == 1)
                #expect(statistics.backlog == [.eventOccurred: 1, .notificationSend: 1])
                let page = try await store.feed(recipient: 42, after: nil, limit: 10, unreadOnly: false)
                #expect(page.items.count == 1 && page.items[0].attempts == 1)
            },
            Check("A producer's identifier stays known after its recipient was erased") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event(producerID: "a")
                try await store.append([event])
                try await store.erase(event.recipient)
                #expect(try await store.append([samples.event(producerID: "a")]) == [.duplicate(of: event.id)])
                #expect(try await store.event(publicID: "a") == nil)
                let reopened = try await harness.reopen()
                #expect(
                    try await reopened.append([samples.event(recipient: 43, producerID: "a")]) == [
                        .duplicate(of: event.id)
                    ]
                )
            },
            Check("An erased recipient can have new events") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.append([samples.event(producerID: "a")])
                try await store.erase(Samples.recipient)
                let event = samples.event(producerID: "b")
                #expect(try await store.append([event]) == [.stored])
                #expect(try await store.stored(event)?.event == event)
            },
            Check("What was erased cannot be bound, and no attempt brings it back") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let id = try await store.notification(of: samples)
                try await store.append([event])
                try await store.erase(Samples.recipient)
                let binding = samples.binding([event])
                let conflict = await failure(BindingConflict.self) { try await store.bind([binding]) }
                #expect(conflict?.bindings == [binding.id])
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
                    _ = try transaction.append([before])
                    try transaction.publish([QueueMessage(key: 42, body: .event(before.id))])
                    _ = try transaction.erase(recipient: 42, limit: 1000)
                    _ = try transaction.append([after])
                    try transaction.publish([QueueMessage(key: 42, body: .event(after.id))])
                }
                #expect(try await store.newEvents([before.id, after.id]) == [after])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message.body) == [.event(after.id)])
            },
            Check("A message that was handed out and then erased is not handed out again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = [Int64(42), 43].map { QueueMessage(key: $0, body: .event(samples.eventID())) }
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10)
                #expect(received.map(\.message) == messages)
                try await store.erase(42)
                await consumer.giveBack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [messages[1]])
                try await consumer.acknowledge(received)
                #expect(try await store.statistics().backlog[.eventOccurred, default: 0] == 0)
            },
        ]
    }
}
