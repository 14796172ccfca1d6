public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Watches the backlog of a queue beside the outbox, so that readers of the backlog need not wait for the queue's
/// servers.
public final class QueueMonitor: Sendable {
    /// How often it asks the queue, unless asking takes more than a tenth of the time.
    private static let interval = Duration.seconds(1)
    private static let longestPause = Duration.seconds(10)

    private let queue: any MessageQueue
    private let clock: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var waiting: Int?
        /// When the queue last answered; initially, when the monitor was created.
        var answeredAt: Timestamp
        /// All messages written before this moment have left the outbox.
        var published: Timestamp?
        var histories: [Topic: TopicHistory] = [:]
    }

    public init(_ queue: any MessageQueue, clock: any TimeSource, logger: Logger) {
        self.queue = queue
        self.clock = clock
        self.logger = logger
        state = Mutex(State(answeredAt: clock.now))
    }

    /// Messages that waited in the queue when it last answered; `nil` before the first answer.
    public var backlog: Int? { state.withLock { $0.waiting } }

    /// A moment: all messages that still wait in the queue were written after it. The distant future if this has been
    /// unknown for so long that nobody should wait for it.
    func handled(_ topic: Topic) -> Timestamp {
        state.withLock { state in
            if clock.now - state.answeredAt > Rescuer.republishInterval { return .distantFuture }
            return state.histories[topic]?.handled ?? Timestamp(microseconds: 0)
        }
    }

    /// Records that all messages written before `moment` have left the outbox.
    func notePublished(before moment: Timestamp) { state.withLock { $0.published = moment } }

    /// Polls until the task is cancelled or shuts down gracefully. If the queue does not answer, this does not fail and
    /// keeps the last known backlog.
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
                        "the queue's backlog is unknown", metadata: ["error": "\(error.safeText)"])
                }
                isAnswering = false
            }
            let pause = min(max(Self.interval, (ContinuousClock.now - start) * 10), Self.longestPause)
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
        }
    }

    /// Asks the queue once.
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
