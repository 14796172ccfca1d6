import SheafCore
import Testing

private struct Interrupted: Error, Equatable {}

extension EventStoreConformance {
    static var transactions: [Check] {
        [
            Check("All rows of a transaction have the same moment") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let digests = events.map { samples.digest([$0]) }
                let (begin, end) = try await store.transaction("moment") { transaction in
                    let begin = transaction.now
                    _ = try transaction.relay(events)
                    _ = try transaction.digest([digests[0]])
                    _ = try transaction.digest([digests[1]])
                    return (begin, transaction.now)
                }
                #expect(begin == end)
                #expect(try await store.notifications(digests.map(\.id)).map(\.createdAt) == [begin, begin])
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
                let digest = samples.digest([event])
                let isRead = try await store.transaction("all") { transaction in
                    _ = try transaction.relay([event])
                    _ = try transaction.digest([digest])
                    try transaction.record([
                        DeliveryRecord(
                            notification: digest.id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
                    ])
                    return try transaction.markRead(recipient: event.recipient, digest.id)
                }
                #expect(isRead)
                let notification = try #require(try await store.notification(digest.id))
                #expect(notification.status == .delivered && notification.readAt == notification.createdAt)
            },
            Check("A transaction whose body throws stores nothing") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (notified, fresh, dead) = (samples.event(), samples.event(), samples.event())
                let (appended, erased) = (samples.event(producerID: "a"), samples.event(recipient: 43))
                let digest = samples.digest([notified])
                let letter = samples.deadLetter(.event(dead.id))
                try await store.relay([notified, fresh, dead, erased])
                try await store.digest([digest])
                try await store.markDead([dead.id], reason: "attempts_used_up")
                try await store.insert([letter])
                let message = QueueMessage(key: 43, body: .event(erased.id))
                try await store.publish([message])
                let (claimed, joined) = (try await harness.claimed([samples.event(recipient: 44)]), samples.event())
                try await harness.accept([joined])
                let windows = try await harness.openWindows()
                let open = WindowPolicy(mode: .sliding, length: harness.ticks(9), maxWait: harness.ticks(900))
                let error = await failure(Interrupted.self) {
                    try await store.transaction("interrupted") { transaction in
                        _ = try transaction.accept(
                            Samples.admitted([samples.event(), samples.event(recipient: 45)], as: .window(open))
                                + Samples.admitted([samples.event(producerID: "b")], as: .alone))
                        _ = try transaction.digest([samples.digest(claimed)])
                        _ = try transaction.readmit([dead.id]) { _ in .alone }
                        _ = try transaction.adopt([
                            AdoptedWindow(
                                span: samples.window(), events: [fresh.id], bytes: fresh.payloadBytes, attempt: 1,
                                delay: .zero, reason: .service)
                        ])
                        _ = try transaction.relay([appended])
                        try transaction.publish([QueueMessage(key: 42, body: .event(appended.id))])
                        try transaction.record([
                            DeliveryRecord(
                                notification: digest.id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
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
                let notification = try #require(try await store.notification(digest.id))
                #expect(notification.status == .pending && notification.attempts == 0 && notification.readAt == nil)
                #expect(try await store.attempts(of: digest.id).isEmpty)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [message])
                #expect(try await harness.openWindows() == windows)
                #expect(try await harness.claim().claims.isEmpty)
                try await store.digest([samples.digest(claimed)])
                let again = ["a", "b"].map { samples.event(producerID: $0) }
                #expect(try await store.relay(again) == [.stored, .stored])
            },
            Check("Writes before a refused digest are kept, unless the body throws") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, fresh) = (samples.event(), samples.events(2))
                try await store.relay([event])
                try await store.markDead([event.id], reason: "refused")
                for throwing in [true, false] {
                    let accepted = fresh[throwing ? 0 : 1]
                    let (refused, digest) = (samples.digest([event]), samples.digest([accepted]))
                    let error = await failure(Interrupted.self) {
                        try await store.transaction("conflict") { transaction in
                            _ = try transaction.relay([accepted])
                            let done = try transaction.digest([digest, refused])
                            #expect(done == [digest.id])
                            if throwing { throw Interrupted() }
                        }
                    }
                    #expect((error != nil) == throwing)
                    #expect(try await store.stored(accepted)?.status == (throwing ? nil : .processed))
                    #expect(try await store.notification(digest.id)?.eventCount == (throwing ? nil : 1))
                    #expect(try await store.notification(refused.id) == nil)
                    let messages = try await store.statistics().backlog[.notificationSend, default: 0]
                    #expect(messages == (throwing ? 0 : 1))
                }
            },
            Check("A transaction that returned is durable") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, waiting) = (samples.events(3), samples.event())
                let digest = samples.digest([events[0]])
                let letter = samples.deadLetter(.event(events[1].id))
                let policy = harness.tumbling
                try await store.transaction("durable") { transaction in
                    _ = try transaction.relay(events)
                    _ = try transaction.accept(Samples.admitted([waiting], as: .window(policy)))
                    _ = try transaction.digest([digest])
                    try transaction.insert([letter])
                }
                let windows = try await harness.openWindows()
                let reopened = try await harness.reopen()
                #expect(try await reopened.stored(events[0])?.notificationID == digest.id)
                #expect(try await reopened.unassignedEvents(events.map(\.id)) == Array(events[1...]))
                #expect(try await reopened.openWindows(after: nil, limit: 10).items == windows && windows.count == 1)
                #expect(try await reopened.window(of: waiting) == windows.first?.id)
                #expect(try await reopened.deadLetters(after: nil, limit: 10) == [letter])
                #expect(try await reopened.statistics().backlog[.notificationSend] == 1)
            },
            Check("A transaction of a cancelled task is done completely or not at all") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for _ in 0..<20 {
                    let event = samples.event()
                    let task = Task {
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await store.transaction("cancelled") { transaction in
                            _ = try transaction.relay([event])
                            _ = try transaction.digest([samples.digest([event])])
                        }
                    }
                    let isDone = (try? await task.value) != nil
                    let stored = try await store.stored(event)
                    #expect(stored?.status == (isDone ? .processed : nil))
                }
            },
            Check("Concurrent transactions do not lose each other's changes") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let batches = (0..<30).map { _ in samples.events(10) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for batch in batches {
                        group.addTask {
                            try await store.transaction("together") { transaction in
                                _ = try transaction.relay(batch)
                                try transaction.publish(
                                    batch.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
                                _ = try transaction.digest([samples.digest(Array(batch[..<5]))])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 150 && statistics.backlog[.eventOccurred] == 300)
            },
            Check("Migrating again, even concurrently, keeps all data") { harness async throws in
                let (store, event) = (harness.store, Samples().event())
                try await store.relay([event])
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
