import SheafCore
import Testing

extension EventStoreConformance {
    static var deliveries: [Check] {
        [
            Check("A delivery sets the status and the attempt's time") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                try await harness.advance(ticks: 1)
                let attempt = Samples.attempt(1, at: TestClock.start, .delivered, httpStatus: 202)
                try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                let notification = try #require(try await store.notification(id))
                #expect(notification.status == .delivered && notification.attempts == 1)
                #expect(notification.deliveredAt == attempt.at)
                #expect(try await store.attempts(of: id) == [attempt])
            },
            Check("An attempt that will be repeated leaves the notification pending") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                let attempt = Samples.attempt(1, at: TestClock.start, .retry, httpStatus: 503, error: "upstream: 503")
                try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                let notification = try #require(try await store.notification(id))
                #expect(
                    notification.status == .pending && notification.attempts == 1 && notification.deliveredAt == nil)
                #expect(try await store.attempts(of: id) == [attempt])
            },
            Check("A failed attempt without a retry makes the notification failed") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                let attempt = Samples.attempt(1, at: TestClock.start, .failed, httpStatus: nil, error: "разрыв связи")
                try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                let notification = try #require(try await store.notification(id))
                #expect(notification.status == .failed && notification.attempts == 1 && notification.deliveredAt == nil)
                #expect(try await store.attempts(of: id) == [attempt])
            },
            Check("Attempts are read oldest first, and each is counted") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                let attempts = (1...12).map { number in
                    Samples.attempt(
                        number, at: TestClock.start + .seconds(number), number == 12 ? .delivered : .retry,
                        httpStatus: number == 12 ? 200 : 500)
                }
                try await store.record(attempts[..<6].map { DeliveryRecord(notification: id, attempt: $0) })
                for attempt in attempts[6...] {
                    try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                }
                #expect(try await store.attempts(of: id) == attempts)
                #expect(try await store.notification(id)?.attempts == 12)
                #expect(try await store.notification(id)?.status == .delivered)
            },
            Check("A late attempt is recorded and changes nothing") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                let attempts = [
                    Samples.attempt(1, at: TestClock.start, .delivered, httpStatus: 200),
                    Samples.attempt(2, at: TestClock.start + .seconds(1), .failed, httpStatus: 400),
                    Samples.attempt(3, at: TestClock.start + .seconds(2), .retry, httpStatus: 500),
                    Samples.attempt(4, at: TestClock.start + .seconds(3), .delivered, httpStatus: 200),
                ]
                try await store.record([DeliveryRecord(notification: id, attempt: attempts[0])])
                let deliveredAt = try await store.notification(id)?.deliveredAt
                try await harness.advance(ticks: 1)
                for attempt in attempts[1...] {
                    try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                }
                let notification = try #require(try await store.notification(id))
                #expect(notification.status == .delivered && notification.deliveredAt == deliveredAt)
                #expect(try await store.attempts(of: id) == attempts)
            },
            Check("A failed notification is not delivered by a late attempt") { harness async throws in
                let store = harness.store
                let id = try await store.notification(of: Samples())
                for attempt in [
                    Samples.attempt(1, at: TestClock.start, .failed),
                    Samples.attempt(2, at: TestClock.start + .seconds(1), .delivered),
                ] {
                    try await store.record([DeliveryRecord(notification: id, attempt: attempt)])
                }
                let notification = try #require(try await store.notification(id))
                #expect(notification.status == .failed && notification.deliveredAt == nil && notification.attempts == 2)
            },
            Check("Attempts are numbered from 1 again after a redrive, and all of them stay") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                let attempts = [
                    Samples.attempt(1, at: TestClock.start, .failed, httpStatus: 410),
                    Samples.attempt(1, at: TestClock.start + .seconds(5), .delivered, httpStatus: 200),
                ]
                try await store.record([DeliveryRecord(notification: id, attempt: attempts[0])])
                try await store.insert([samples.deadLetter(.notification(id))])
                try await store.takeDeadLetters(nil, limit: 1)
                try await store.record([DeliveryRecord(notification: id, attempt: attempts[1])])
                #expect(try await store.attempts(of: id) == attempts)
                let notification = try #require(try await store.notification(id))
                #expect(notification.status == .delivered && notification.attempts == 2)
            },
            Check("Each delivery of a batch changes its own notification") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(300)
                let digests = events.map { samples.digest([$0]) }
                try await store.relay(events)
                try await store.digest(digests)
                let outcomes: [DeliveryAttempt.Outcome] = [.delivered, .retry, .failed]
                try await store.record(
                    digests.enumerated().map { index, digest in
                        DeliveryRecord(
                            notification: digest.id,
                            attempt: Samples.attempt(1, at: samples.start, outcomes[index % 3]))
                    })
                let statuses: [UserNotification.Status] = [.delivered, .pending, .failed]
                let read = try await store.notifications(digests.map(\.id))
                let status = Dictionary(uniqueKeysWithValues: read.map { ($0.id, $0.status) })
                let areRight = digests.enumerated().allSatisfy { status[$1.id] == statuses[$0 % 3] }
                #expect(areRight)
                #expect(read.map(\.attempts) == Array(repeating: 1, count: 300))
            },
            Check("An attempt at a notification that no longer exists is skipped") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (gone, kept) = (samples.notificationID(), try await store.notification(of: samples))
                let attempt = Samples.attempt(1, at: TestClock.start, .delivered)
                try await store.record([gone, kept].map { DeliveryRecord(notification: $0, attempt: attempt) })
                #expect(try await store.attempts(of: gone).isEmpty)
                #expect(try await store.notification(kept)?.status == .delivered)
            },
            Check("Marking as read is remembered with its time, and the first time stays") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                #expect(try await store.notification(id)?.readAt == nil)
                let (isThere, now) = try await store.transaction("read") { transaction in
                    (try transaction.markRead(recipient: Samples.recipient, id), transaction.now)
                }
                #expect(isThere)
                try await harness.advance(ticks: 1)
                #expect(try await store.markRead(recipient: Samples.recipient, id))
                #expect(try await store.markRead(recipient: Samples.recipient, nil))
                #expect(try await store.notification(id)?.readAt == now)
            },
            Check("Another recipient's or an unknown notification cannot be marked as read") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                #expect(try await store.markRead(recipient: 43, id) == false)
                #expect(try await store.markRead(recipient: Samples.recipient, samples.notificationID()) == false)
                #expect(try await store.markRead(recipient: 43, nil) == false)
                #expect(try await store.notification(id)?.readAt == nil)
            },
            Check("Marking all as read leaves none unread, and other recipients' as they are") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for _ in 0..<3 { _ = try await store.notification(of: samples) }
                let other = try await store.notification(of: samples, recipient: -43)
                #expect(try await store.markRead(recipient: Samples.recipient, nil))
                let page = try await store.feed(recipient: Samples.recipient, after: nil, limit: 10, unreadOnly: false)
                #expect(page.unread == 0 && page.items.compactMap(\.readAt).count == 3)
                #expect(try await store.notification(other)?.readAt == nil)
            },
        ]
    }

    static var acknowledging: [Check] {
        [
            Check("A message that a transaction acknowledged is never delivered again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = [try await store.notification(of: samples), try await store.notification(of: samples)]
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                let received = try await consumer.gather(2)
                #expect(received.map(\.message.body) == ids.map { .notification($0) })
                try await store.transaction("delivered") { transaction in
                    try transaction.acknowledge([received[0]])
                    try transaction.record([
                        DeliveryRecord(
                            notification: ids[0], attempt: Samples.attempt(1, at: transaction.now, .delivered))
                    ])
                }
                await consumer.forget([received[0]])
                #expect(try await store.statistics().backlog[.notificationSend] == 1)
                await consumer.nack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [received[1].message])
                let again = try await harness.reopen().outboxConsumer(of: .notificationSend)
                #expect(try await again.receive(limit: 10).map(\.message) == [received[1].message])
            },
            Check("A message acknowledged by a failed transaction is delivered again after a nack") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                let received = try await consumer.gather(1)
                let error = await failure(SheafError.self) {
                    try await store.transaction("delivered") { transaction in
                        try transaction.acknowledge(received)
                        try transaction.record([
                            DeliveryRecord(
                                notification: id, attempt: Samples.attempt(1, at: transaction.now, .delivered))
                        ])
                        throw SheafError(.conflict, "undone")
                    }
                }
                #expect(error != nil)
                #expect(try await store.statistics().backlog[.notificationSend] == 1)
                await consumer.nack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == received.map(\.message))
                #expect(try await store.attempts(of: id).isEmpty)
            },
            Check("A transaction replaces a message by that of the next attempt") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                let received = try await consumer.gather(1)
                let next = QueueMessage(key: Samples.recipient, body: .notification(id), attempt: 1)
                try await store.transaction("retry") { transaction in
                    try transaction.acknowledge(received)
                    try transaction.publish([next])
                }
                await consumer.forget(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [next])
                #expect(try await store.statistics().messages == 1)
            },
            Check("Acknowledging missing messages, or none, in a transaction does nothing") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                _ = try await store.notification(of: samples)
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                let received = try await consumer.gather(1)
                for batch in [received, received, []] {
                    try await store.transaction("again") { try $0.acknowledge(batch) }
                    await consumer.forget(batch)
                }
                #expect(try await store.statistics().messages == 0)
            },
            Check("Many messages are acknowledged at once, among others of two topics") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(600)
                try await store.publish(
                    messages + [QueueMessage(key: 42, body: .notification(samples.notificationID()))])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.gather(600)
                try await store.transaction("many") { try $0.acknowledge(Array(received[..<500])) }
                await consumer.forget(Array(received[..<500]))
                await consumer.nack(received)
                #expect(try await consumer.gather(100).map(\.message) == Array(messages[500...]))
                #expect(try await store.statistics().backlog == [.eventOccurred: 100, .notificationSend: 1])
            },
        ]
    }
}
