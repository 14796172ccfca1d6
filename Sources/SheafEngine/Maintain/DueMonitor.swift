import Logging
import ServiceLifecycle
import SheafCore

/// Corrects due times that were written by a clock that was ahead: at the start, and when the clock goes back. Windows
/// outside the store have their own clock, and are checked every minute.
struct DueMonitor: Sendable {
    private static let interval = Duration.seconds(1)
    private static let looksBetween = 60

    let store: any EventStore
    /// `nil` if windows live in the store.
    var debouncer: (any Debouncer)?
    let limits: DueLimits
    let clock: any TimeSource
    let logger: Logger

    func run() async throws {
        var latest = Timestamp.distantFuture
        var looks = 0
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let now = clock.now
            let wentBack = now < latest
            var count = wentBack ? try await store.boundDues(limits) : 0
            if let debouncer, wentBack || looks.isMultiple(of: Self.looksBetween) {
                count += try await debouncer.boundDues(lease: limits.lease)
            }
            if count > 0 {
                logger.notice(
                    "a clock was ahead: moved due times that were too late", metadata: ["count": "\(count)"])
            }
            latest = now
            looks &+= 1
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.interval) }
        }
    }
}
