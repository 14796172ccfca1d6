import SheafCore
import Testing

private struct Interrupted: Error, Equatable {}

extension EventStoreConformance {
    static var transactions: [Check] {
        [
            Check("All rows of a transaction carry the same moment") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let bindings = events.map { samples.binding([$0]) }
                let (begin, end) = try await store.transaction("moment") { transaction in
                    let begin = transaction.now
                    _ = try transaction.append(events)
                    try transaction.bind([bindings[0]])
                    try transaction.bind([bindings[1]])
                    return (begin, transaction.now)
                }
                #expect(begin == end)
                #expect(try await store.notifications(bindings.map(\.id)).map(\.createdAt) == [begin, begin])
            },
            Check("The moment of a transaction follows the clock") { harness async throws in
                let first = try await harness.store.publish([])
                try await harness.advance(ticks: 3)
                let second = try await harness.store.publish([])
                #expect(second - first >= harness.ticks(3))
            },
            Check("A transaction sees what it wrote") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let binding = samples.binding([event])
                let isRead = try await store.transaction("all") { transaction in
                    _ = try transaction.append([event])
                    try transaction.bind([binding])
                    try transaction.record([
                        DeliveryRecord(
                            notification: binding.id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
                    ])
                    return try transaction.markRead(recipient: event.recipient, binding.id)
                }
                #expect(isRead)
                let notification = try #require(try await store.notification(binding.id))
                #expect(notification.status == .delivered && notification.readAt == notification.createdAt)
            },
            Check("Nothing stays of a transaction whose body throws") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (bound, fresh, dead) = (samples.event(), samples.event(), samples.event())
                let (appended, erased) = (samples.event(producerID: "a"), samples.event(recipient: 43))
                let binding = samples.binding([bound])
                let letter = samples.deadLetter(.event(dead.id))
                try await store.append([bound, fresh, dead, erased])
                try await store.bind([binding])
                try await store.markDead([dead.id], reason: "attempts_used_up")
                try await store.insert([letter])
                let message = QueueMessage(key: 43, body: .event(erased.id))
                try await store.publish([message])
                let error = await failure(Interrupted.self) {
                    try await store.transaction("interrupted") { transaction in
                        _ = try transaction.append([appended])
                        try transaction.publish([QueueMessage(key: 42, body: .event(appended.id))])
                        try transaction.bind([samples.binding([fresh])])
                        try transaction.record([
                            DeliveryRecord(
                                notification: binding.id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
                        ])
                        _ = try transaction.markRead(recipient: 42, nil)
                        _ = try transaction.takeDeadLetters(nil, limit: 10)
                        try transaction.insert([samples.deadLetter(nil)])
                        _ = try transaction.erase(recipient: 43, limit: 1000)
                        throw Interrupted()
                    }
                }
                #expect(error != nil)
                #expect(try await store.stored(appended) == nil)
                #expect(try await store.stored(fresh) == StoredEvent(event: fresh))
                #expect(try await store.stored(erased) == StoredEvent(event: erased))
                #expect(try await store.stored(dead)?.status == .dead)
                #expect(try await store.deadLetters(after: nil, limit: 10) == [letter])
                let notification = try #require(try await store.notification(binding.id))
                #expect(notification.status == .pending && notification.attempts == 0 && notification.readAt == nil)
                #expect(try await store.attempts(of: binding.id).isEmpty)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [message])
                #expect(try await store.append([samples.event(producerID: "a")]) == [.stored])
            },
            Check("What was written before a conflict does not stay") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, appended) = (samples.event(), samples.event())
                try await store.append([event])
                try await store.markDead([event.id], reason: "refused")
                let (conflicting, binding) = (samples.binding([event]), samples.binding([appended]))
                let conflict = await failure(BindingConflict.self) {
                    try await store.transaction("conflict") { transaction in
                        _ = try transaction.append([appended])
                        try transaction.bind([binding])
                        try transaction.publish([QueueMessage(key: 42, body: .notification(binding.id))])
                        try transaction.bind([conflicting])
                    }
                }
                #expect(conflict?.bindings == [conflicting.id])
                #expect(try await store.stored(appended) == nil)
                #expect(try await store.notification(binding.id) == nil)
                #expect(try await store.statistics().backlog[.notificationSend, default: 0] == 0)
            },
            Check("A transaction that returned is durable") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let binding = samples.binding([events[0]])
                let letter = samples.deadLetter(.event(events[1].id))
                try await store.transaction("durable") { transaction in
                    _ = try transaction.append(events)
                    try transaction.bind([binding])
                    try transaction.insert([letter])
                    try transaction.publish([QueueMessage(key: 42, body: .notification(binding.id))])
                }
                let reopened = try await harness.reopen()
                #expect(try await reopened.stored(events[0])?.binding == binding.id)
                #expect(try await reopened.newEvents(events.map(\.id)) == Array(events[1...]))
                #expect(try await reopened.deadLetters(after: nil, limit: 10) == [letter])
                #expect(try await reopened.statistics().backlog[.notificationSend] == 1)
            },
            Check("A transaction of a cancelled task is carried out as a whole or not at all") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for _ in 0..<20 {
                    let event = samples.event()
                    let task = Task {
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await store.transaction("cancelled") { transaction in
                            _ = try transaction.append([event])
                            try transaction.bind([samples.binding([event])])
                        }
                    }
                    let isDone = (try? await task.value) != nil
                    let stored = try await store.stored(event)
                    #expect(stored?.status == (isDone ? .processed : nil))
                }
            },
            Check("Transactions at once do not lose each other's changes") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let batches = (0..<30).map { _ in samples.events(10) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for batch in batches {
                        group.addTask {
                            try await store.transaction("together") { transaction in
                                _ = try transaction.append(batch)
                                try transaction.publish(
                                    batch.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
                                try transaction.bind([samples.binding(Array(batch[..<5]))])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 150 && statistics.backlog[.eventOccurred] == 300)
            },
            Check("Migrating again, also at once, keeps everything") { harness async throws in
                let (store, event) = (harness.store, Samples().event())
                try await store.append([event])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { try await store.migrate() } }
                    try await group.waitForAll()
                }
                #expect(try await store.stored(event) == StoredEvent(event: event))
                #expect(try await store.schema() == .current)
            },
        ]
    }
}
