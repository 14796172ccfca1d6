internal import Metrics
import ServiceLifecycle
import SheafCore

/// Watches the backlog: sets the gauges, and makes the intake refuse events while the backlog is full.
struct BacklogMonitor: Sendable {
    /// How often it reads the backlog, unless reading takes more than a fiftieth of the time.
    private static let interval = Duration.seconds(1)

    let store: any EventStore
    /// `nil` if windows live in the store.
    let debouncer: (any Debouncer)?
    let ingest: Ingest
    /// What waits in the queue; `nil` if the outbox is the queue.
    let queue: QueueMonitor?
    /// Events are refused above this number of messages in outbox and queue plus events in due windows.
    let limit: Int
    let clock: any TimeSource

    func run() async throws {
        let backlog = Gauge(label: Metric.outboxBacklog.name)
        let oldest = Gauge(label: Metric.outboxOldest.name)
        let windows = Gauge(label: Metric.windowsOpen.name)
        let pending = Gauge(label: Metric.notificationsPending.name)
        let furthest = Gauge(label: Metric.dueFurthest.name)
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let start = ContinuousClock.now
            let moment = clock.now
            let statistics = try await store.statistics()
            queue?.notePublished(before: min(moment, statistics.oldestMessageAt ?? moment))
            let messages = statistics.backlog.values.reduce(0, +)
            ingest.setBacklogFull(messages + statistics.dueEvents + (queue?.backlog ?? 0) >= limit)
            backlog.record(messages)
            pending.record(statistics.pendingNotifications)
            oldest.record(statistics.oldestMessageAt.map { max(.zero, clock.now - $0).seconds } ?? 0)
            furthest.record(statistics.furthestDueAt.map { max(.zero, $0 - clock.now).seconds } ?? 0)
            windows.record(try await store.countOpenWindows(beside: debouncer))
            let pause = max(Self.interval, (ContinuousClock.now - start) * 50)
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
        }
    }
}
