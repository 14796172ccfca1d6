public import Logging
internal import Metrics
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Keeps a consumer running: restarts it after a failure, with growing waits, and reports its health.
///
/// The consumer may restart a few times a minute. Once this budget is used up, each restart waits for the policy's
/// longest wait. It is restarted for ever, since what it needs may come back. Other consumers are not affected.
public final class Supervisor: Sendable {
    public let name: String
    private let policy: RetryPolicy
    private let budget: Int
    private let clock: any TimeSource
    private let logger: Logger
    private let restarts: Counter
    private let state = Mutex<State>(State())
    private let body: @Sendable () async throws -> Void

    private struct State {
        var failure: String?
        var starts: [Timestamp] = []
    }

    /// - Parameters:
    ///   - policy: the waits between starts; its number of attempts is ignored.
    ///   - budget: restarts within a minute before each waits for the longest time.
    ///   - body: the consumer; it returns when it shuts down gracefully.
    public init(
        _ name: String,
        policy: RetryPolicy = .restart,
        budget: Int = 20, clock: any TimeSource, logger: Logger, body: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.policy = policy
        self.budget = budget
        self.clock = clock
        self.logger = logger
        self.body = body
        restarts = Counter(label: Metric.consumerRestarts.name, dimensions: [("consumer", name)])
    }

    /// Why the consumer is not running; `nil` while it runs.
    public var failure: String? { state.withLock { $0.failure } }

    /// Runs the consumer until the task is cancelled or shuts down gracefully.
    public func run() async throws {
        var attempt = 0
        while !Task.isShuttingDownGracefully {
            let start = ContinuousClock.now
            do {
                state.withLock { $0.failure = nil }
                return try await body()
            } catch is CancellationError where Task.isCancelled {
                throw CancellationError()
            } catch {
                // After a long healthy run, the waits start from the shortest again.
                attempt = ContinuousClock.now - start > .seconds(60) ? 1 : attempt + 1
                let delay = delay(after: attempt, note: error)
                try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: delay) }
                try Task.checkCancellation()
                restarts.increment()
            }
        }
    }

    private func delay(after attempt: Int, note error: any Error) -> Duration {
        let text = error.safeText
        let now = clock.now
        let isOverBudget = state.withLock { state in
            state.failure = text
            state.starts.removeAll { now - $0 > .seconds(60) }
            state.starts.append(now)
            return state.starts.count > budget
        }
        let delay = isOverBudget ? policy.cap : policy.delay(after: attempt)
        logger.error(
            "a consumer failed and restarts",
            metadata: ["consumer": "\(name)", "attempt": "\(attempt)", "delay": "\(delay)", "error": "\(text)"])
        return delay
    }
}
