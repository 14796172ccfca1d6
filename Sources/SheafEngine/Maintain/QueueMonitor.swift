public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Watches how much waits in a queue beside the outbox, so that those who want to know need not wait for its servers.
public final class QueueMonitor: Sendable {
    /// How often it looks, unless looking takes more than a tenth of the time.
    private static let interval = Duration.seconds(1)
    private static let longestPause = Duration.seconds(10)

    private let queue: any MessageQueue
    private let clock: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var waiting: Int?
        /// When the queue answered last; at first, when the monitor was made.
        var answeredAt: Timestamp
        /// All messages written before it left the outbox.
        var published: Timestamp?
        var histories: [Topic: TopicHistory] = [:]
    }

    public init(_ queue: any MessageQueue, clock: any TimeSource, logger: Logger) {
        self.queue = queue
        self.clock = clock
        self.logger = logger
        state = Mutex(State(answeredAt: clock.now))
    }

    /// Messages that wait in the queue, as it was when it last answered; `nil` before.
    public var backlog: Int? { state.withLock { $0.waiting } }

    /// The moment before which no message was written that still waits in the queue; the distant future where that has
    /// not been known for so long that it is not to be waited for.
    func handled(_ topic: Topic) -> Timestamp {
        state.withLock { state in
            if clock.now - state.answeredAt > Rescuer.period { return .distantFuture }
            return state.histories[topic]?.handled ?? Timestamp(microseconds: 0)
        }
    }

    /// Tells that all messages written before `moment` left the outbox.
    func notePublished(before moment: Timestamp) { state.withLock { $0.published = moment } }

    /// Looks again and again until the task is cancelled or shuts down gracefully. A queue that does not answer is no
    /// failure of this one: what was known stays.
    public func run() async throws {
        var isAnswering = true
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                try await look()
                isAnswering = true
            } catch {
                if isAnswering {
                    logger.warning(
                        "it is not known how much waits in the queue", metadata: ["error": "\(error.safeText)"])
                }
                isAnswering = false
            }
            let pause = min(max(Self.interval, (ContinuousClock.now - start) * 10), Self.longestPause)
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
        }
    }

    /// Looks once.
    public func look() async throws {
        let published = state.withLock { $0.published }
        var found: [Topic: [PartitionProgress]] = [:]
        for topic in Topic.allCases { found[topic] = try await queue.progress(of: topic) }
        state.withLock { [found] state in
            state.waiting = found.values.joined().reduce(0) { $0 + $1.waiting }
            guard let published else { return }
            state.answeredAt = clock.now
            for (topic, progress) in found {
                state.histories[topic, default: TopicHistory()].note(progress, published: published)
            }
        }
    }
}
