import SheafCore
import Testing

extension MessageQueueConformance {
    static var waiting: [Check] {
        [
            Check("A waiting consumer wakes when a message arrives") { harness async throws in
                let message = Samples().message()
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                try await harness.queue.publish([message])
                #expect(try await waiting.outcome.map(\.message) == [message])
            },
            Check("A waiting consumer wakes when another hands messages back") { harness async throws in
                let message = Samples().message()
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish([message])
                let received = try await consumer.gather(1)
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                await consumer.nack(received)
                #expect(try await waiting.outcome.map(\.message) == [message])
            },
            Check("Waiting ends when the task is cancelled, and nothing is lost") { harness async throws in
                let message = Samples().message()
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                let waiting = Task { try await consumer.receive(limit: 10) }
                await letWait()
                waiting.cancel()
                let error = await failure(CancellationError.self) { try await waiting.outcome }
                #expect(error != nil)
                try await harness.queue.publish([message])
                #expect(try await consumer.gather(1).map(\.message) == [message])
            },
            Check("An already cancelled task does not wait") { harness async throws in
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                let waiting = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await consumer.receive(limit: 10)
                }
                let error = await failure(CancellationError.self) { try await waiting.outcome }
                #expect(error != nil)
            },
            Check("Tasks that share a consumer receive each message once") { harness async throws in
                let (queue, messages) = (harness.queue, Samples().messages(400))
                let consumer = try await queue.consumer(of: .eventOccurred)
                let received = try await withThrowingTaskGroup(of: [QueueMessage].self) { group in
                    for _ in 0..<4 {
                        group.addTask { try await consumer.gather(100, acknowledging: true).map(\.message) }
                    }
                    for start in stride(from: 0, to: 400, by: 20) {
                        try await queue.publish(Array(messages[start..<start + 20]))
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(received.count == 400 && Set(received) == Set(messages))
            },
        ]
    }
}
