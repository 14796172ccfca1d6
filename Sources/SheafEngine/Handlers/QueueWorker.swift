internal import Metrics
import ServiceLifecycle
import SheafCore

/// Receives batches of a topic's messages, passes them to the handler, and acknowledges them.
///
/// If the handler fails, the worker hands the messages back and throws the error; its supervisor restarts it.
struct QueueWorker<Base: Handler<ReceivedMessage>>: Sendable {
    private let consumer: any QueueConsumer
    private let handler: Base
    private let batch: Int
    private let acknowledges: Bool
    private let handled: Counter
    private let failed: Counter

    /// - Parameters:
    ///   - topic: for metrics.
    ///   - batch: the maximum messages handled at once.
    ///   - acknowledges: whether the worker acknowledges messages; if not, the handler does.
    init(
        _ consumer: any QueueConsumer, topic: Topic, handler: Base, batch: Int = 500, acknowledges: Bool = true
    ) {
        self.acknowledges = acknowledges
        self.consumer = consumer
        self.handler = handler
        self.batch = batch
        func counter(_ outcome: String) -> Counter {
            Counter(label: Metric.messages.name, dimensions: [("topic", topic.rawValue), ("outcome", outcome)])
        }
        handled = counter("handled")
        failed = counter("failed")
    }

    /// Runs until the task is cancelled or shuts down gracefully. It finishes a batch that it has begun.
    func run() async throws {
        while !Task.isShuttingDownGracefully {
            let messages: [ReceivedMessage]
            do {
                messages = try await cancelWhenGracefulShutdown { try await consumer.receive(limit: batch) }
            } catch is CancellationError where Task.isShuttingDownGracefully {
                return
            }
            do {
                try await handler.handle(messages)
                if acknowledges { try await consumer.acknowledge(messages) }
                handled.increment(by: messages.count)
            } catch {
                failed.increment(by: messages.count)
                await consumer.nack(messages)
                throw error
            }
        }
    }
}
