import SheafCore

/// Handles `event_occurred` messages: puts each event without a window into one, outside the store or in it.
///
/// Handling a message twice changes nothing: an event that has a window is skipped, and one that waits goes on waiting.
struct EventOccurredHandler: Handler {
    private let catalog: LiveCatalog
    private let store: any EventStore
    private let counters: StageCounters
    private let metrics: DigestMetrics
    /// `nil` if windows live in the store.
    private let debouncer: (any Debouncer)?
    private let wakeDigester: @Sendable () -> Void

    /// - Parameter wakeDigester: called when a window may be due earlier than the digester knows.
    init(
        catalog: LiveCatalog, store: any EventStore, debouncer: (any Debouncer)?, counters: StageCounters,
        wakeDigester: @escaping @Sendable () -> Void
    ) {
        self.catalog = catalog
        self.store = store
        self.debouncer = debouncer
        self.counters = counters
        metrics = DigestMetrics(catalog: catalog)
        self.wakeDigester = wakeDigester
    }

    func handle(_ messages: [ReceivedMessage]) async throws {
        let ids = messages.compactMap { if case .event(let id) = $0.message.body { id } else { nil } }
        var events = try await store.unassignedEvents(ids)
        let catalog = catalog.current
        let foreign = events.filter { catalog.isForeign($0.type) }
        if !foreign.isEmpty {
            try await leave(foreign, messages)
            events.removeAll { catalog.isForeign($0.type) }
        }
        guard !events.isEmpty else { return }
        var relayed: [DebounceEntry] = []
        var direct: Set<EventID> = []
        for event in events {
            switch catalog.type(code: event.type)?.delivery {
            case .debounced(let policy) where debouncer != nil:
                relayed.append(DebounceEntry(event, policy))
            // The digester dead-letters an event of a type that no longer exists.
            default: direct.insert(event.id)
            }
        }
        direct.formUnion(try await add(relayed))
        try await admit(direct, catalog)
    }

    /// Delays the messages of events whose types this process does not know: another process may know them, or this one
    /// may later.
    private func leave(_ events: [Event], _ messages: [ReceivedMessage]) async throws {
        let attempts = Dictionary(
            messages.map { ($0.message.body, $0.message.attempt.addingClamped(1)) }, uniquingKeysWith: max)
        let later = events.map { event in
            let attempt = attempts[.event(event.id)] ?? 1
            return QueueMessage(
                key: event.recipient, body: .event(event.id), attempt: attempt,
                delay: RetryPolicy.unknownType.delay(after: attempt))
        }
        try await store.transaction("leave") { try $0.publish(later) }
    }

    /// Puts events into windows outside the store.
    /// - Returns: the events that lead a window and are notified at once.
    private func add(_ entries: [DebounceEntry]) async throws -> [EventID] {
        guard let debouncer, !entries.isEmpty else { return [] }
        let admissions = try await debouncer.add(entries)
        let isDueEarlier = admissions.contains { admission in
            admission.outcome == .opened || admission.outcome == .leading || admission.dueIn == .zero
        }
        if isDueEarlier { wakeDigester() }
        return zip(entries, admissions).filter { $0.1.outcome == .leading }.map(\.0.event)
    }

    /// Puts events into windows of the store.
    private func admit(_ events: Set<EventID>, _ catalog: EventCatalog) async throws {
        guard !events.isEmpty else { return }
        let isRelaying = debouncer != nil
        _ = try await store.transaction("admit") { transaction in
            try transaction.readmit(Array(events)) { event in
                switch catalog.type(code: event.type)?.delivery {
                case .debounced(let policy) where !isRelaying: .window(policy)
                case .scheduled(let schedule): .scheduled(schedule)
                default: .alone
                }
            }
        }
    }

    /// Dead-letters the event of a message that could not be handled.
    func deadLetter(_ message: ReceivedMessage, because error: any Error) async throws {
        guard case .event(let id) = message.message.body else { return }
        let (reason, text) = ("handler_failed", error.safeText)
        let events = try await store.unassignedEvents([id])
        let dead = try await store.transaction("dead_letter") { transaction in
            let dead = Set(try transaction.markDead(events.map(\.id), reason: reason))
            let own = events.filter { dead.contains($0.id) }
            try transaction.insert(own.map { DeadLetter($0, reason: reason, error: text, at: transaction.now) })
            return own
        }
        counters.finished(.dead, dead.count)
        metrics.dead(dead, reason: reason)
    }
}
