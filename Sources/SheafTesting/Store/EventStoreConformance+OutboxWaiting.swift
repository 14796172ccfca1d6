import SheafCore
import Testing

extension EventStoreConformance {
    static var outboxWaiting: [Check] {
        [
            Check("A waiting consumer wakes at a commit") { harness async throws in
                let (store, message) = (harness.store, Samples().message())
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                try await store.publish([message])
                #expect(try await waiting.outcome.map(\.message) == [message])
            },
            Check("A consumer that waits for a delayed message wakes when it is due") { harness async throws in
                let (store, message) = (harness.store, Samples().message(delay: harness.ticks(3)))
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                try await store.publish([message])
                let received = try await harness.receive(from: consumer)
                #expect(received.map(\.message.body) == [message.body])
            },
            Check("A consumer that waits for a delayed message wakes for an earlier one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let prompt = samples.message()
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                try await store.publish([samples.message(delay: harness.ticks(1000))])
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                try await store.publish([prompt])
                #expect(try await waiting.outcome.map(\.message) == [prompt])
            },
            Check("A waiting consumer wakes when another hands messages back") { harness async throws in
                let (store, message) = (harness.store, Samples().message())
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                try await store.publish([message])
                let received = try await consumer.receive(limit: 10)
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                await consumer.nack(received)
                #expect(try await waiting.outcome.map(\.message) == [message])
            },
            Check("Waiting ends when the task is cancelled, and nothing is lost") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let delayed = samples.message(delay: harness.ticks(1000))
                for message in [nil, delayed] {
                    try await store.publish(message.map { [$0] } ?? [])
                    let waiting = Task { try await consumer.receive(limit: 10) }
                    await letWait()
                    waiting.cancel()
                    let error = await failure(CancellationError.self) { try await waiting.outcome }
                    #expect(error != nil)
                }
                let message = samples.message()
                try await store.publish([message])
                #expect(try await consumer.receive(limit: 10).map(\.message) == [message])
            },
            Check("An already cancelled task does not wait") { harness async throws in
                let consumer = try await harness.store.outboxConsumer(of: .eventOccurred)
                let waiting = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await consumer.receive(limit: 10)
                }
                let error = await failure(CancellationError.self) { try await waiting.outcome }
                #expect(error != nil)
            },
            Check("Messages of a failed transaction wake nobody") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let message = samples.message()
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let waiting = Task { try await consumer.receive(limit: 10) }
                let error = await failure(SheafError.self) {
                    try await store.transaction("conflict") { transaction in
                        try transaction.publish([samples.message()])
                        throw SheafError(.conflict, "undone")
                    }
                }
                #expect(error != nil)
                try await store.publish([message])
                #expect(try await waiting.outcome.map(\.message) == [message])
            },
            Check("Tasks that share a consumer receive each message once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let consumer = try await store.outboxConsumer(of: .eventOccurred)
                let messages = samples.messages(400)
                let tasks = (0..<4).map { _ in
                    Task {
                        var received: [QueueMessage] = []
                        while let batch = try? await consumer.receive(limit: 7) {
                            received += batch.map(\.message)
                            try await consumer.acknowledge(batch)
                        }
                        return received
                    }
                }
                for start in stride(from: 0, to: messages.count, by: 20) {
                    try await store.publish(Array(messages[start..<start + 20]))
                }
                while try await store.statistics().backlog[.eventOccurred, default: 0] > 0 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                var received: [QueueMessage] = []
                for task in tasks {
                    task.cancel()
                    received += try await task.value
                }
                #expect(received.count == 400 && Set(received) == Set(messages))
            },
        ]
    }
}
