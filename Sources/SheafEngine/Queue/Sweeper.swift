public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Finds events that are still new though nothing is on its way to end them (the debouncer was lost, a message with
/// it), and lets them occur once more.
public final class Sweeper: Sendable {
    /// How long after its window should have ended an event is looked for.
    private static let grace = Duration.seconds(60)
    /// How often it looks.
    private static let interval = Duration.seconds(30)
    private static let batch = 500

    private let catalog: EventCatalog
    private let store: any EventStore
    private let debouncer: any Debouncer
    private let lock: (any DistributedLock)?
    private let clock: any TimeSource
    private let logger: Logger
    private let swept = Mutex(RecentEvents())

    /// - Parameter lock: held while it looks, so that of many processes one does; `nil` where there is one only.
    public init(
        catalog: EventCatalog, store: any EventStore, debouncer: any Debouncer, lock: (any DistributedLock)? = nil,
        clock: any TimeSource, logger: Logger
    ) {
        self.catalog = catalog
        self.store = store
        self.debouncer = debouncer
        self.lock = lock
        self.clock = clock
        self.logger = logger
    }

    /// Sweeps until the task is cancelled or shuts down gracefully.
    public func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            try await sweepAlone()
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.interval) }
        }
    }

    /// Looks unless another process looked within the last interval. Two that look at once do no harm: an event that
    /// occurs twice is handled once.
    private func sweepAlone() async throws {
        // Left to run out rather than released: it is this that spaces the looks of all processes.
        if let lock, try await lock.acquire("sweeper", lease: Self.interval) == nil { return }
        try await sweep()
    }

    /// Looks once through all types.
    /// - Returns: how many events occur once more.
    @discardableResult
    public func sweep() async throws -> Int {
        // While the outbox has older messages than an event, the event's own message may be among them.
        let horizon = try await store.statistics().oldestMessageAt ?? .distantFuture
        var count = 0
        for type in catalog.types {
            count += try await sweep(type, before: min(horizon, clock.now - Self.age(type.delivery)))
        }
        if count > 0 { logger.notice("events occur once more", metadata: ["count": "\(count)"]) }
        return count
    }

    private func sweep(_ type: EventType, before moment: Timestamp) async throws -> Int {
        var count = 0
        var cursor: EventID?
        while true {
            let events = try await store.staleEvents(
                type: type.code, before: moment, after: cursor, limit: Self.batch)
            guard let last = events.last else { return count }
            cursor = last.id
            let missing = try await missing(events, type.delivery)
            let now = clock.now
            let due = swept.withLock { swept in missing.filter { swept.insert($0.id, at: now) } }
            guard !due.isEmpty else { continue }
            try await store.transaction("sweep") { transaction in
                try transaction.publish(due.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
                try transaction.note(
                    due.map { HistoryNote(subject: .event($0.id), at: transaction.now, step: .swept) })
            }
            count += due.count
        }
    }

    private func missing(_ events: [Event], _ delivery: DeliveryPolicy) async throws -> [Event] {
        guard case .debounced(let policy) = delivery else { return events }
        let entries = events.map { DebounceEntry(event: $0.id, key: $0.windowKey, policy: policy) }
        let missing = Set(try await debouncer.missing(entries).map(\.event))
        return events.filter { missing.contains($0.id) }
    }

    /// The age at which an event should have ended.
    private static func age(_ delivery: DeliveryPolicy) -> Duration {
        switch delivery {
        case .immediate: ImmediateProcessor.retry.cap * ImmediateProcessor.retry.maxAttempts + grace
        case .debounced(let policy): policy.longest + grace
        }
    }
}

/// Events that were let occur lately: what follows takes its time, and must not be begun anew at each look.
private struct RecentEvents {
    private static let memory = Duration.seconds(600)
    private static let limit = 100_000

    private var current: Set<EventID> = []
    private var previous: Set<EventID> = []
    private var since = Timestamp(microseconds: 0)

    /// Whether the event is not among them; it then is.
    mutating func insert(_ id: EventID, at now: Timestamp) -> Bool {
        if now - since > Self.memory || current.count >= Self.limit {
            previous = now - since > Self.memory * 2 ? [] : current
            current = []
            since = now
        }
        guard !current.contains(id), !previous.contains(id) else { return false }
        current.insert(id)
        return true
    }
}
