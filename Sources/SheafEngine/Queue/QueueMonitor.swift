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
    private let waiting = Mutex<Int?>(nil)

    public init(_ queue: any MessageQueue, clock: any TimeSource, logger: Logger) {
        self.queue = queue
        self.clock = clock
        self.logger = logger
    }

    /// Messages that wait in the queue, as it was when it last answered; `nil` before.
    public var backlog: Int? { waiting.withLock(\.self) }

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
        var count = 0
        for topic in Topic.allCases {
            count += try await queue.progress(of: topic).reduce(0) { $0 + $1.waiting }
        }
        waiting.withLock { [count] in $0 = count }
    }
}
