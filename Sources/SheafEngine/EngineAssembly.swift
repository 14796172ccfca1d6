import Logging
import SheafCore

/// Assembles the engine's parts, one function for each part.
struct EngineAssembly {
    /// Tasks that send notifications. With several, a slow response delays its own batch only.
    private static let senders = 4

    private let ports: Engine.Ports
    private let options: Engine.Options
    private let counters: StageCounters
    private let logger: Logger
    private let relayedWindowsChanged = WakeUp()
    private let composer: Composer
    private let commits: DigestCommits
    /// `nil` if the outbox is the queue.
    let queueMonitor: QueueMonitor?
    private(set) var supervisors: [Supervisor] = []

    init(ports: Engine.Ports, options: Engine.Options, counters: StageCounters, logger: Logger) {
        self.ports = ports
        self.options = options
        self.counters = counters
        self.logger = logger
        composer = Composer(
            catalog: ports.catalog, recipients: ports.store, clock: ports.clock, tracer: ports.tracer, logger: logger)
        commits = DigestCommits(catalog: ports.catalog, store: ports.store, counters: counters)
        queueMonitor = ports.queue.map { QueueMonitor($0, clock: ports.clock, logger: logger) }
    }

    mutating func addScheduling() async throws {
        if ports.debouncer == nil { addDigester() } else { addRelayedDigester() }
        let rescuer = Rescuer(
            catalog: ports.catalog, store: ports.store, debouncer: ports.debouncer, queue: queueMonitor,
            lock: ports.lock, clock: ports.clock, logger: logger)
        add("sweeper") { try await rescuer.run() }
        let dues = DueMonitor(
            store: ports.store, debouncer: ports.debouncer, limits: options.digest.dueLimits, clock: ports.clock,
            logger: logger)
        add("due_monitor") { try await dues.run() }
        let pruner = Pruner(
            store: ports.store, lock: ports.lock, clock: ports.clock, retention: options.retention)
        add("pruner") { try await pruner.run() }
        if let queue = ports.queue { try await addRelay(to: queue) }
    }

    mutating func addConsuming() async throws {
        addDigester()
        try await addEventConsumer()
        try await addSenders()
    }

    mutating func addDatabus(_ source: any EventSource, ingest: Ingest) {
        let consumer = DatabusConsumer(source, ingest: ingest, store: ports.store)
        add("databus") { try await consumer.run() }
    }

    /// Runs wherever events are accepted, since it makes the intake refuse events.
    mutating func addBacklogMonitor(ingest: Ingest) {
        if let queueMonitor { add("queue_monitor") { try await queueMonitor.run() } }
        let monitor = BacklogMonitor(
            store: ports.store, debouncer: ports.debouncer, ingest: ingest, queue: queueMonitor,
            limit: options.maxBacklog, clock: ports.clock)
        add("backlog_monitor") { try await monitor.run() }
    }

    // MARK: Parts

    private mutating func addRelay(to queue: any MessageQueue) async throws {
        for topic in Topic.allCases {
            let handler = TimedHandler(RelayHandler(to: queue), operation: "relay_\(topic.rawValue)")
            let worker = QueueWorker(
                try await ports.store.outboxConsumer(of: topic), topic: topic, handler: handler)
            add("relay_\(topic.rawValue)") { try await worker.run() }
        }
    }

    /// Digests the store's windows, in every mode, since windows that must wait move into the store.
    private mutating func addDigester() {
        let name = ports.debouncer == nil ? "window_closer" : "digester"
        guard !supervisors.contains(where: { $0.name == name }) else { return }
        let digester = digester(StoreClaims(store: ports.store), ports.store.windowsChanged)
        add(name) { try await digester.run() }
    }

    private mutating func addRelayedDigester() {
        guard let debouncer = ports.debouncer else { return }
        let digester = digester(RelayedClaims(debouncer: debouncer, store: ports.store), relayedWindowsChanged)
        add("window_closer") { try await digester.run() }
    }

    private func digester<Source: ClaimSource>(_ source: Source, _ wakeUp: WakeUp) -> Digester<Source> {
        Digester(
            source, composer: composer, commits: commits, limits: options.digest, clock: ports.clock, wakeUp: wakeUp,
            logger: logger)
    }

    private mutating func addEventConsumer() async throws {
        let base = EventOccurredHandler(
            catalog: ports.catalog, store: ports.store, debouncer: ports.debouncer, counters: counters,
            wakeDigester: { [relayedWindowsChanged] in relayedWindowsChanged.notify() })
        let handler = base.composed(
            operation: Topic.eventOccurred.rawValue, batch: 500, retry: .message, clock: ports.clock
        ) { try await base.deadLetter($0, because: $1) }
        let worker = QueueWorker(try await consumer(of: .eventOccurred), topic: .eventOccurred, handler: handler)
        add(Topic.eventOccurred.rawValue) { try await worker.run() }
    }

    private mutating func addSenders() async throws {
        let outbox = ports.queue == nil ? ordered(try await ports.store.outboxConsumer(of: .notificationSend)) : nil
        let base = NotificationSendHandler(
            catalog: ports.catalog, store: ports.store, gateway: ports.gateway, counters: counters,
            outbox: outbox, maxAttempts: options.gatewayAttempts, slots: Slots(options.gatewayInFlight),
            tracer: ports.tracer, logger: logger)
        let handler = base.composed(
            operation: Topic.notificationSend.rawValue, batch: 500, retry: .message, clock: ports.clock
        ) { try await base.deadLetter($0, because: $1) }
        let consumer: any QueueConsumer
        if let outbox { consumer = outbox } else { consumer = ordered(try await self.consumer(of: .notificationSend)) }
        // All senders together hold at most this number in flight.
        let batch = max(100, options.gatewayInFlight / Self.senders + 1)
        for number in 1...Self.senders {
            let worker = QueueWorker(
                consumer, topic: .notificationSend, handler: handler, batch: batch, acknowledges: outbox == nil)
            add("\(Topic.notificationSend.rawValue)_\(number)") { try await worker.run() }
        }
    }

    private func ordered(_ base: some OutboxConsumer) -> any OutboxConsumer { OrderedConsumer(base) }

    private func ordered(_ base: some QueueConsumer) -> any QueueConsumer { OrderedConsumer(base) }

    private func consumer(of topic: Topic) async throws -> any QueueConsumer {
        if let queue = ports.queue { return try await queue.consumer(of: topic) }
        return try await ports.store.outboxConsumer(of: topic)
    }

    private mutating func add(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        supervisors.append(Supervisor(name, clock: ports.clock, logger: logger, body: body))
    }
}
