import SheafCore
import Testing

extension EventStoreConformance {
    static var turns: [Check] {
        [
            Check("A retried notification is its recipient's first, and later ones are behind it") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(3, of: samples)
                let other = try await store.notifications(1, of: samples, recipient: 7)
                try await store.record([ids[1]], samples, .retry, tries: 2)
                let turns = try await store.turns(ids + other)
                #expect(ids.map { turns[$0]?.tries } == [0, 2, 0])
                #expect(ids.map { turns[$0]?.isBehind } == [false, false, true])
                #expect(turns[other[0]]?.isBehind == false)
            },
            Check("A waiting notification gets its message back when its predecessor has ended, one at a time") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(4, of: samples)
                try await store.endMessages()
                try await store.record([ids[0]], samples, .retry)
                try await store.transaction("test") { transaction in
                    try transaction.hold(ids[1...].map { QueueMessage(key: 1, body: .notification($0)) })
                }
                #expect(try await store.endMessages().isEmpty)
                try await store.record([ids[0]], samples, .failed)
                #expect(try await store.endMessages() == [ids[1]])
                let turns = try await store.turns(ids)
                #expect(ids[1...].map { turns[$0]?.isBehind } == [false, true, true])
                // A notification that had already ended releases nothing.
                try await store.release([ids[0]])
                #expect(try await store.endMessages().isEmpty)
                try await store.record([ids[1]], samples, .delivered)
                #expect(try await store.endMessages() == [ids[2]])
                try await store.release([ids[2]])
                #expect(try await store.endMessages() == [ids[3]])
            },
            Check("A copy of an earlier attempt does not make a notification wait") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notifications(1, of: samples)[0]
                try await store.endMessages()
                try await store.record([id], samples, .retry, tries: 3)
                try await store.transaction("test") { transaction in
                    try transaction.hold([QueueMessage(key: 1, body: .notification(id), attempt: 2)])
                }
                #expect(try await store.endMessages().isEmpty)
                #expect(try await store.turns([id])[id]?.tries == 3)
            },
            Check("A waiting notification is stale only if none is before it") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(3, of: samples)
                try await store.endMessages()
                try await harness.advance(ticks: 1)
                try await store.record([ids[0]], samples, .retry, tries: 2)
                try await store.transaction("test") { transaction in
                    try transaction.hold(ids[1...].map { QueueMessage(key: 1, body: .notification($0)) })
                }
                let moment = Timestamp.distantFuture
                let first = try await store.staleNotifications(before: moment, after: nil, limit: 10).items
                #expect(first == [StaleNotifications.Item(id: ids[0], recipient: 1, tries: 2)])
            },
            Check("A notification with none before it is sent and not held") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(3, of: samples)
                try await store.endMessages()
                try await store.record([ids[1]], samples, .retry)
                try await store.endMessages()
                try await store.transaction("test") { transaction in
                    try transaction.hold(ids.map { QueueMessage(key: 1, body: .notification($0)) })
                }
                #expect(try await store.endMessages() == [ids[0]])
                try await store.record([ids[0]], samples, .delivered)
                #expect(try await store.endMessages().isEmpty)
                try await store.record([ids[1]], samples, .delivered)
                #expect(try await store.endMessages() == [ids[2]])
            },
            Check("A redriven notification goes last, and its attempts start again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(2, of: samples)
                try await store.record([ids[0]], samples, .failed)
                let letter = samples.deadLetter(.notification(ids[0]))
                try await store.insert([letter])
                try await harness.advance(ticks: 1)
                _ = try await store.takeDeadLetters([letter.id], limit: 1)
                let turns = try await store.turns(ids)
                #expect(turns[ids[0]].map { $0.place > ids[1] && $0.tries == 0 && !$0.isBehind } == true)
                #expect(turns[ids[1]]?.isBehind == false)
                try await store.record([ids[1]], samples, .retry)
                #expect(try await store.turns(ids)[ids[0]]?.isBehind == true)
            },
            Check("An attempt counts only if the notification was pending") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(2, of: samples)
                try await store.record([ids[0]], samples, .delivered)
                let counted = try await store.transaction("test") { transaction in
                    try transaction.record(
                        ids.map {
                            DeliveryRecord(notification: $0, attempt: Samples.attempt(2, at: samples.start, .failed))
                        })
                }
                #expect(counted == [ids[1]])
                #expect(try await store.notifications(ids).map(\.status) == [.delivered, .failed])
                #expect(try await store.notifications(ids).map(\.attempts) == [2, 1])
            },
            Check("Erasing a recipient leaves no waiting notifications") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let ids = try await store.notifications(2, of: samples)
                try await store.record([ids[0]], samples, .retry)
                try await store.transaction("test") {
                    try $0.hold([QueueMessage(key: 1, body: .notification(ids[1]))])
                }
                _ = try await store.transaction("test") { try $0.erase(recipient: 1, limit: 100) }
                try await store.endMessages()
                try await store.release([ids[0]])
                #expect(try await store.endMessages().isEmpty)
            },
        ]
    }
}

extension EventStore {
    fileprivate func notifications(
        _ count: Int, of samples: Samples, recipient: RecipientID = 1
    ) async throws -> [NotificationID] {
        let events = (0..<count).map { _ in samples.event(recipient: recipient) }
        let digests = events.map { samples.digest([$0]) }
        try await relay(events)
        try await digest(digests)
        return digests.map(\.id).sorted()
    }

    fileprivate func record(
        _ ids: [NotificationID], _ samples: Samples, _ outcome: DeliveryAttempt.Outcome, tries: Int = 1
    ) async throws {
        try await record(
            ids.map {
                DeliveryRecord(
                    notification: $0, attempt: Samples.attempt(1, at: samples.start, outcome), tries: tries)
            })
    }

    fileprivate func release(_ ended: [NotificationID]) async throws {
        try await transaction("test") { transaction in
            try transaction.release(after: ended.map { QueueMessage(key: 1, body: .notification($0)) })
        }
    }

    fileprivate func turns(_ ids: [NotificationID]) async throws -> [NotificationID: DeliveryTurn] {
        Dictionary(try await deliveryTurns(ids).map { ($0.notification.id, $0) }) { $1 }
    }

    /// Ends the due messages.
    /// - Returns: the notifications they asked to send.
    @discardableResult
    fileprivate func endMessages() async throws -> [NotificationID] {
        var found: [NotificationID] = []
        while try await statistics().backlog[.notificationSend, default: 0] > 0 {
            let outbox = try await outboxConsumer(of: .notificationSend)
            let messages = try await outbox.receive(limit: 100)
            try await outbox.acknowledge(messages)
            found += messages.compactMap { if case .notification(let id) = $0.message.body { id } else { nil } }
        }
        return found
    }
}
