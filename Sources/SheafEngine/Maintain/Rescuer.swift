public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Finds events without a window for which no message is on its way (windows outside the store were lost, or a message
/// was), and republishes their messages. Does the same for pending notifications without a message.
///
/// Events in windows of the store cannot be lost, so it skips them.
public final class Rescuer: Sendable {
    /// How long after its window should have ended an event is examined.
    private static let grace = Duration.seconds(60)
    /// How long it waits between runs.
    private static let pollInterval = Duration.seconds(30)
    private static let batch = 500
    /// How long after it republished a message it may do so again.
    static let republishInterval = Duration.seconds(600)

    private let catalog: LiveCatalog
    private let store: any EventStore
    /// `nil` if windows live in the store.
    private let debouncer: (any Debouncer)?
    private let lock: (any DistributedLock)?
    private let clock: any TimeSource
    private let logger: Logger
    private let queue: QueueMonitor?
    private let limit: Int
    private let notifications: NotificationRescue
    /// The last event of each type in the previous run; none if it reached the end.
    private let cursors = Mutex<[EventTypeCode: EventID]>([:])

    /// - Parameters:
    ///   - queue: watches the queue; `nil` if the outbox is the queue.
    ///   - lock: spaces the runs of all processes; `nil` if this is the only process.
    ///   - limit: the maximum events of a type that a run examines, and notifications up to 20,000; the next run
    ///     continues from there.
    public init(
        catalog: LiveCatalog, store: any EventStore, debouncer: (any Debouncer)?, queue: QueueMonitor? = nil,
        lock: (any DistributedLock)? = nil, limit: Int = 100_000, clock: any TimeSource, logger: Logger
    ) {
        self.queue = queue
        self.limit = limit
        notifications = NotificationRescue(store: store, limit: min(limit, 20_000), clock: clock)
        self.catalog = catalog
        self.store = store
        self.debouncer = debouncer
        self.lock = lock
        self.clock = clock
        self.logger = logger
    }

    /// Rescues until the task is cancelled or shuts down gracefully.
    public func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            try await rescueAlone()
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.pollInterval) }
        }
    }

    /// Runs unless another process ran within the last interval. Two concurrent runs do no harm: an event whose message
    /// is republished twice is handled once.
    private func rescueAlone() async throws {
        // The lock is left to expire rather than released: this spaces the runs of all processes.
        if let lock, try await lock.acquire("rescuer", lease: Self.pollInterval) == nil { return }
        try await rescue()
    }

    /// Examines all types and the notifications once.
    /// - Returns: how many messages of events and of notifications were republished.
    @discardableResult
    public func rescue() async throws -> Int {
        // While outbox or queue hold messages older than an event, the event's own message may be among them.
        let outbox = try await store.statistics().oldestMessageAt ?? .distantFuture
        let horizon = min(outbox, queue?.handled(.eventOccurred) ?? .distantFuture)
        var count = 0
        for type in catalog.current.types {
            count += try await rescue(type, before: min(horizon, clock.now - Self.age(type.delivery)))
        }
        if count > 0 { logger.notice("messages of events republished", metadata: ["count": "\(count)"]) }
        let sent = try await notifications.rescue(before: lastTried(outbox))
        if sent > 0 { logger.notice("messages of notifications republished", metadata: ["count": "\(sent)"]) }
        return count + sent
    }

    /// A pending notification last attempted before this moment has no message any more. Until then its message may
    /// wait in the outbox for its next attempt, and then in the queue.
    private func lastTried(_ outbox: Timestamp) -> Timestamp {
        let horizon = min(outbox, queue?.handled(.notificationSend) ?? .distantFuture)
        return min(horizon, clock.now - Self.grace) - RetryPolicy.delivery(maxAttempts: .max).cap
    }

    private func rescue(_ type: EventType, before moment: Timestamp) async throws -> Int {
        var (count, looked) = (0, 0)
        while looked < limit {
            let size = min(Self.batch, limit - looked)
            let cursor = cursors.withLock { $0[type.code] }
            let events = try await store.staleEvents(type: type.code, before: moment, after: cursor, limit: size)
            let missing = try await missing(events)
            let recent = try await store.recentlyRescued(missing.map { .event($0.id) }, at: clock.now)
            let due = missing.filter { !recent.contains(.event($0.id)) }
            try await republish(due)
            count += due.count
            looked += events.count
            let isEnd = events.count < size
            cursors.withLock { $0[type.code] = isEnd ? nil : events.last?.id }
            if isEnd { break }
        }
        return count
    }

    private func republish(_ events: [Event]) async throws {
        guard !events.isEmpty else { return }
        try await store.transaction("rescue") { transaction in
            try transaction.publish(events.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
            try transaction.note(
                events.map { HistoryNote(subject: .event($0.id), at: transaction.now, step: .swept) })
        }
    }

    private func missing(_ events: [Event]) async throws -> [Event] {
        guard let debouncer else { return events }
        // Includes types that are immediate by now: a window closes by the policy under which it was opened.
        let entries = events.map { DebounceEntry($0, WindowPolicy()) }
        let missing = Set(try await debouncer.missing(entries).map(\.event))
        return events.filter { missing.contains($0.id) }
    }

    /// The age at which an event should have had its window.
    private static func age(_ delivery: DeliveryPolicy) -> Duration {
        switch delivery {
        // It has a window in the store from the beginning, unless its type had another policy then.
        case .immediate, .scheduled: grace
        case .debounced(let policy): policy.longest + grace
        }
    }
}

extension StoreReader {
    /// Those of `subjects` whose messages a process republished recently. They are left alone: handling takes time and
    /// must not be restarted at each run.
    func recentlyRescued(_ subjects: [MessageBody], at now: Timestamp) async throws -> Set<MessageBody> {
        guard !subjects.isEmpty else { return [] }
        let notes = try await notes(of: subjects).filter { note in
            (note.step == .swept || note.step == .redriven) && note.at <= now
                && now - note.at <= Rescuer.republishInterval
        }
        return Set(notes.map(\.subject))
    }
}
