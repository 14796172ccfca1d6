import Logging
import ServiceLifecycle
import SheafCore

/// Bounds what is due by a clock that was ahead: at the start, and when the clock is seen to go back.
struct DueMonitor: Sendable {
    private static let interval = Duration.seconds(1)

    let store: any EventStore
    let limits: DueLimits
    let clock: any TimeSource
    let logger: Logger

    func run() async throws {
        var latest = Timestamp.distantFuture
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let now = clock.now
            if now < latest {
                let count = try await store.boundDues(limits)
                if count > 0 {
                    logger.notice(
                        "the clock was ahead: what was due too late is due earlier", metadata: ["count": "\(count)"])
                }
            }
            latest = now
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.interval) }
        }
    }
}
