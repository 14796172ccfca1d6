import Logging
import SheafCore
import SheafPipeline

/// Puts the engine's parts together, one function a part.
struct EngineAssembly {
    /// Tries of a lone message within its handler, before it is given up.
    private static let retry = RetryPolicy(maxAttempts: 5, base: .milliseconds(100), cap: .seconds(5))
    /// Tasks that send notifications, so that a slow answer holds up its own batch only.
    private static let senders = 4

    private let ports: Engine.Ports
    private let options: Engine.Options
    private let counters: StageCounters
    private let logger: Logger
    private let composer: Composer
    private let closer: WindowCloser
    /// `nil` where the outbox is the queue.
    let queueMonitor: QueueMonitor?
    private(set) var supervisors: [Supervisor] = []

    init(ports: Engine.Ports, options: Engine.Options, counters: StageCounters, logger: Logger) {
        self.ports = ports
        self.options = options
        self.counters = counters
        self.logger = logger
        composer = Composer(
            catalog: ports.catalog, store: ports.store, clock: ports.clock, counters: counters,
            tracer: ports.tracer, logger: logger)
        closer = WindowCloser(
            debouncer: ports.debouncer, store: ports.store, composer: composer, clock: ports.clock,
            limits: options.closer, logger: logger)
        queueMonitor = ports.queue.map { QueueMonitor($0, clock: ports.clock, logger: logger) }
    }

    mutating func addScheduling() async throws {
        add("window_closer") { [closer] in try await closer.run() }
        let sweeper = Sweeper(
            catalog: ports.catalog, store: ports.store, debouncer: ports.debouncer, queue: queueMonitor,
            lock: ports.lock, clock: ports.clock, logger: logger)
        add("sweeper") { try await sweeper.run() }
        let pruner = Pruner(
            store: ports.store, lock: ports.lock, clock: ports.clock, retention: options.retention)
        add("pruner") { try await pruner.run() }
        if let queue = ports.queue { try await addRelay(to: queue) }
    }

    mutating func addConsuming() async throws {
        try await addEventConsumer()
        try await addSenders()
    }

    mutating func addDatabus(_ source: any EventSource, ingest: Ingest) {
        let consumer = DatabusConsumer(source, ingest: ingest, store: ports.store)
        add("databus") { try await consumer.run() }
    }

    /// Wherever events are taken in, since it holds the intake back.
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

    private mutating func addEventConsumer() async throws {
        let base = EventOccurredHandler(
            catalog: ports.catalog, store: ports.store, debouncer: ports.debouncer, composer: composer,
            wakeCloser: { [closer] in closer.wake() })
        let handler = base.composed(
            operation: Topic.eventOccurred.rawValue, batch: 500, retry: Self.retry, clock: ports.clock
        ) { try await base.giveUp($0, because: $1) }
        let worker = QueueWorker(try await consumer(of: .eventOccurred), topic: .eventOccurred, handler: handler)
        add(Topic.eventOccurred.rawValue) { try await worker.run() }
    }

    private mutating func addSenders() async throws {
        let base = NotificationSendHandler(
            catalog: ports.catalog, store: ports.store, gateway: ports.gateway, counters: counters,
            maxAttempts: options.gatewayAttempts, tracer: ports.tracer, logger: logger)
        let handler = base.composed(
            operation: Topic.notificationSend.rawValue, batch: 500, retry: Self.retry, clock: ports.clock
        ) { try await base.giveUp($0, because: $1) }
        let consumer = try await consumer(of: .notificationSend)
        for number in 1...Self.senders {
            let worker = QueueWorker(consumer, topic: .notificationSend, handler: handler, batch: 100)
            add("\(Topic.notificationSend.rawValue)_\(number)") { try await worker.run() }
        }
    }

    private func consumer(of topic: Topic) async throws -> any QueueConsumer {
        if let queue = ports.queue { return try await queue.consumer(of: topic) }
        return try await ports.store.outboxConsumer(of: topic)
    }

    private mutating func add(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        supervisors.append(Supervisor(name, clock: ports.clock, logger: logger, body: body))
    }
}
