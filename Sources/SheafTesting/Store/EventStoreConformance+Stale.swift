import SheafCore
import Testing

extension EventStoreConformance {
    static var stale: [Check] {
        [
            Check("An old pending notification without a message is found") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let lost = try await store.notification(of: samples)
                #expect(try await store.stale(before: .distantFuture).isEmpty)
                let ended = try await store.notifications(of: samples, count: 2)
                try await store.record([
                    DeliveryRecord(notification: ended[0], attempt: Samples.attempt(1, at: samples.start, .delivered)),
                    DeliveryRecord(notification: ended[1], attempt: Samples.attempt(1, at: samples.start, .failed)),
                ])
                let waiting = try await store.notifications(of: samples, count: 2)
                try await store.loseMessages(of: .notificationSend)
                let other = Samples.recipient + 1
                let last = try await store.publish([
                    QueueMessage(key: Samples.recipient, body: .notification(waiting[0]), delay: harness.ticks(1000)),
                    QueueMessage(key: other, body: .notification(waiting[1])),
                ])
                #expect(try await store.stale(before: last + .seconds(1)) == [lost])
                let consumer = try await store.outboxConsumer(of: .notificationSend)
                try await consumer.acknowledge(consumer.gather(1))
                #expect(try await store.stale(before: last + .seconds(1)) == [lost, waiting[1]])
            },
            Check("A pending notification is not stale before its time or after a recent attempt") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                try await store.loseMessages(of: .notificationSend)
                let composed = try #require(try await store.notification(id)).createdAt
                #expect(try await store.stale(before: composed).isEmpty)
                #expect(try await store.stale(before: composed + .microseconds(1)) == [id])
                let tried = composed + .seconds(60)
                let attempts = [Samples.attempt(1, at: composed, .retry), Samples.attempt(2, at: tried, .retry)]
                try await store.record(attempts.map { DeliveryRecord(notification: id, attempt: $0) })
                #expect(try await store.stale(before: tried).isEmpty)
                #expect(try await store.stale(before: tried + .microseconds(1)) == [id])
            },
            Check("Notifications are examined page by page, each once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(of: samples, count: 7)
                try await store.loseMessages(of: .notificationSend)
                try await store.record([
                    DeliveryRecord(notification: ids[3], attempt: Samples.attempt(1, at: samples.start, .delivered))
                ])
                let created = try #require(try await store.notification(ids[6])).createdAt
                let expected = ids.filter { $0 != ids[3] }
                for limit in [1, 2, 3, 7, 100] {
                    let found = try await store.stale(before: created + .seconds(1), limit: limit)
                    #expect(found == expected)
                }
                let page = try await store.staleNotifications(before: created + .seconds(1), after: nil, limit: 4)
                #expect(page.items.map(\.id) == Array(ids[..<3]) && page.next == ids[3])
                #expect(page.items.allSatisfy { $0.recipient == Samples.recipient })
            },
        ]
    }
}

extension EventStore {
    fileprivate func notifications(of samples: Samples, count: Int) async throws -> [NotificationID] {
        var ids: [NotificationID] = []
        for _ in 0..<count { ids.append(try await notification(of: samples)) }
        return ids
    }

    /// All stale notifications, found in pages of `limit`.
    fileprivate func stale(before moment: Timestamp, limit: Int = 100) async throws -> [NotificationID] {
        var found: [NotificationID] = []
        var cursor: NotificationID?
        repeat {
            let page = try await staleNotifications(before: moment, after: cursor, limit: limit)
            found += page.items.map(\.id)
            cursor = page.next
        } while cursor != nil
        return found
    }
}
