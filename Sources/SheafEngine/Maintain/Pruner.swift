internal import Metrics
import ServiceLifecycle
public import SheafCore

/// Removes what was kept long enough: as a whole if the store can do that, and the rest by small batches.
public final class Pruner: Sendable {
    /// How long rows are kept.
    public struct Retention: Hashable, Sendable {
        /// After they ended.
        public var events = Duration.seconds(90 * 86_400)
        /// After they were composed.
        public var notifications = Duration.seconds(90 * 86_400)
        /// After they failed.
        public var deadLetters = Duration.seconds(90 * 86_400)

        public init() {}

        func time(of kind: RetainedKind) -> Duration {
            switch kind {
            case .events: events
            case .notifications: notifications
            case .deadLetters: deadLetters
            }
        }
    }

    private static let batch = 1000
    /// The pause between two batches, so that other writers get their turn.
    private static let pause = Duration.milliseconds(20)

    private let store: any EventStore
    private let lock: (any DistributedLock)?
    private let clock: any TimeSource
    private let retention: Retention
    /// How often it runs.
    private let interval: Duration

    /// - Parameter lock: held while it removes rows, so that only one process does; `nil` if this is the only process.
    public init(
        store: any EventStore, lock: (any DistributedLock)? = nil, clock: any TimeSource,
        retention: Retention = Retention()
    ) {
        self.store = store
        self.lock = lock
        self.clock = clock
        self.retention = retention
        let shortest = RetainedKind.allCases.map { retention.time(of: $0) }.min() ?? .seconds(60)
        interval = max(.seconds(1), min(.seconds(60), shortest / 10))
    }

    /// Prunes until the task is cancelled or shuts down gracefully.
    public func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            try await pruneAlone()
            await wait(interval)
        }
    }

    private func pruneAlone() async throws {
        guard let lock else {
            _ = try await prune()
            return
        }
        let lease = max(interval, .seconds(30))
        guard let hold = try await lock.acquire("pruner", lease: lease) else { return }
        let result: Result<Int, any Error>
        do {
            result = .success(try await prune { try await lock.renew(hold, lease: lease) })
        } catch {
            result = .failure(error)
        }
        try await lock.release(hold)
        _ = try result.get()
    }

    /// Removes all rows older than their retention.
    /// - Parameter mayGoOn: asked before each batch.
    /// - Returns: how many rows were removed.
    @discardableResult
    public func prune(while mayGoOn: () async throws -> Bool = { true }) async throws -> Int {
        var count = 0
        for kind in RetainedKind.allCases {
            let counter = Counter(label: Metric.prunedRows.name, dimensions: [("kind", kind.rawValue)])
            let end = clock.now - retention.time(of: kind)
            if kind == .events, try await mayGoOn() {
                let dropped = try await store.dropEvents(before: end, retention: retention.events)
                count += dropped
                counter.increment(by: dropped)
            }
            while !Task.isCancelled && !Task.isShuttingDownGracefully, try await mayGoOn() {
                let removed = try await store.transaction("prune") { transaction in
                    try transaction.prune(kind, before: end, limit: Self.batch)
                }
                count += removed
                counter.increment(by: removed)
                guard removed > 0 else { break }
                await wait(Self.pause)
            }
        }
        return count
    }

    private func wait(_ duration: Duration) async {
        try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: duration) }
    }
}
