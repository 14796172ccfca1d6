import SheafCore
import Testing

extension EventStoreConformance {
    static var outbox: [Check] {
        [
            Check("Messages are delivered unchanged and in order") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = (0..<10).map { index in
                    QueueMessage(key: index % 2 == 0 ? .min : .max, body: .event(samples.eventID()), attempt: index)
                }
                try await store.publish(Array(messages[..<5]))
                try await store.publish(Array(messages[5...]))
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 100)
                #expect(received.map(\.message.body) == messages.map(\.body))
                #expect(received.map(\.message.key) == messages.map(\.key))
                #expect(received.map(\.message.attempt) == messages.map(\.attempt))
                #expect(Set(received.map(\.position)).count == 10)
            },
            Check("A batch has at most the requested number of messages") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(5)
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 3).map(\.message) == Array(messages[..<3]))
                #expect(try await consumer.receive(limit: 3).map(\.message) == Array(messages[3...]))
            },
            Check("Topics are independent") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let notification = QueueMessage(key: 42, body: .notification(samples.notificationID()))
                try await store.publish(samples.messages(1) + [notification] + samples.messages(1))
                let events = try await store.outboxConsumer(of: .eventOccurred)
                let notifications = try await store.outboxConsumer(of: .notificationSend)
                #expect(try await notifications.receive(limit: 10).map(\.message) == [notification])
                #expect(try await events.receive(limit: 10).count == 2)
            },
            Check("A delivered message is not delivered again before it is handed back") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(2)
                try await store.publish([messages[0]])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10)
                try await store.publish([messages[1]])
                #expect(try await consumer.receive(limit: 10).map(\.message) == [messages[1]])
                await consumer.nack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [messages[0]])
            },
            Check("Messages that are handed back keep their order, before later ones") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(5)
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 4)
                await consumer.nack([received[2], received[0]])
                #expect(
                    try await consumer.receive(limit: 10).map(\.message) == [messages[0], messages[2], messages[4]])
            },
            Check("An acknowledged message is never delivered again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(3)
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10)
                try await consumer.acknowledge([received[0], received[2]])
                await consumer.nack(received)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [messages[1]])
                #expect(try await store.statistics().backlog[.eventOccurred] == 1)
                let again = try await harness.reopen().outboxConsumer(of: .eventOccurred)
                #expect(try await again.receive(limit: 10).map(\.message) == [messages[1]])
            },
            Check("Acknowledging twice, or nothing, does nothing") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.publish(samples.messages(2))
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 1)
                for batch in [received, received, []] { try await consumer.acknowledge(batch) }
                await consumer.nack([])
                #expect(try await store.statistics().backlog[.eventOccurred] == 1)
            },
            Check("A message that is handed back twice is delivered once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(2)
                try await store.publish([messages[0]])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10)
                for _ in 0..<2 { await consumer.nack(received + received) }
                try await store.publish([messages[1]])
                #expect(try await consumer.receive(limit: 10).map(\.message) == messages)
            },
            Check("A new consumer delivers unacknowledged messages again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(4)
                try await store.publish(messages)
                let first = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await first.receive(limit: 3)
                try await first.acknowledge([received[1]])
                let second = try await store.outboxConsumer(of: .eventOccurred)
                #expect(
                    try await second.receive(limit: 10).map(\.message) == [messages[0], messages[2], messages[3]])
            },
            Check("After a crash unacknowledged messages are delivered again") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(4)
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                try await consumer.acknowledge(try await consumer.receive(limit: 2))
                _ = try await consumer.receive(limit: 1)
                let again = try await harness.reopen().outboxConsumer(of: .eventOccurred)
                #expect(try await again.receive(limit: 10).map(\.message) == Array(messages[2...]))
            },
            Check("A delayed message is not delivered before it is due") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let delayed = samples.message(delay: harness.ticks(5))
                let prompt = samples.messages(2)
                try await store.publish([delayed, prompt[0]])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [prompt[0]])
                try await harness.advance(by: harness.ticks(5) - harness.margin)
                try await store.publish([prompt[1]])
                #expect(try await consumer.receive(limit: 10).map(\.message) == [prompt[1]])
                try await harness.advance(by: harness.margin)
                #expect(try await consumer.receive(limit: 10).map(\.message.body) == [delayed.body])
            },
            Check("Messages are delivered in the order in which they fall due") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = [3, 1, 2, 0, 1].map { samples.message(delay: harness.ticks($0)) }
                try await store.publish(messages)
                try await harness.advance(ticks: 4)
                try await store.publish([samples.message()])
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let received = try await consumer.receive(limit: 10).map(\.message.body)
                let expected = [3, 1, 4, 2, 0].map { messages[$0].body }
                #expect(Array(received[..<5]) == expected)
                #expect(received.count == 6)
            },
            Check("A delay survives a crash") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (delayed, prompt) = (samples.message(delay: harness.ticks(5)), samples.message())
                try await store.publish([delayed])
                let reopened = try await harness.reopen()
                try await reopened.publish([prompt])
                let consumer = try await reopened.outboxConsumer(of: .eventOccurred)
                #expect(try await consumer.receive(limit: 10).map(\.message) == [prompt])
                try await harness.advance(ticks: 5)
                #expect(try await consumer.receive(limit: 10).map(\.message.body) == [delayed.body])
            },
            Check("A backlog of 10,000 messages is delivered completely, each once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let messages = samples.messages(10_000)
                try await store.publish(messages)
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                var received: [QueueMessage] = []
                while received.count < messages.count {
                    let batch = try await consumer.receive(limit: 500)
                    received += batch.map(\.message)
                    try await consumer.acknowledge(batch)
                }
                #expect(received == messages)
                #expect(try await store.statistics().backlog[.eventOccurred, default: 0] == 0)
            },
        ]
    }
}

extension Samples {
    func message(delay: Duration = .zero) -> QueueMessage {
        QueueMessage(key: Samples.recipient, body: .event(eventID()), delay: delay)
    }

    func messages(_ count: Int) -> [QueueMessage] { (0..<count).map { _ in message() } }
}
