import SheafCore
import Testing

extension MessageQueueConformance {
    static var delayed: [Check] {
        [
            Check("A delayed message is not delivered before it is due, and delays no other") { harness async throws in
                let samples = Samples()
                let delayed = samples.message(delay: harness.ticks(5))
                let prompt = (0..<2).map { QueueMessage(key: Int64($0), body: .event(samples.eventID())) }
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish([delayed, prompt[0]])
                #expect(try await consumer.gather(1).map(\.message) == [prompt[0]])
                try await harness.advance(by: harness.ticks(5) - harness.margin)
                try await harness.queue.publish([prompt[1]])
                #expect(try await consumer.gather(1).map(\.message) == [prompt[1]])
                try await harness.advance(by: harness.margin)
                #expect(try await consumer.gather(1).map(\.message.body) == [delayed.body])
            },
            Check("A consumer that waits for a delayed message wakes when it is due") { harness async throws in
                let message = Samples().message(delay: harness.ticks(3))
                let consumer = try await harness.queue.consumer(of: .eventOccurred)
                try await harness.queue.publish([message])
                #expect(try await harness.receive(from: consumer).map(\.message.body) == [message.body])
            },
        ]
    }
}
