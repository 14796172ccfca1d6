public import Logging
internal import Metrics
public import ServiceLifecycle
public import SheafCore
public import Tracing

/// The path of an event, assembled from its ports: every step between the intake and the gateway, each under its own
/// supervisor.
public struct Engine: Service {
    /// The ports an engine works on.
    public struct Ports: Sendable {
        public var catalog: LiveCatalog
        public var store: any EventStore
        /// Holds windows outside the store; `nil` if they live in the store.
        public var debouncer: (any Debouncer)?
        /// `nil` if the outbox is the queue.
        public var queue: (any MessageQueue)?
        /// The business topics; `nil` if none are read.
        public var databus: (any EventSource)?
        /// Shared by all processes on this store; `nil` if this is the only one.
        public var lock: (any DistributedLock)?
        public var gateway: any Gateway
        public var clock: any TimeSource
        /// Records traces of events; `nil` disables tracing, which then costs nothing.
        public var tracer: (any Tracer)?

        public init(
            catalog: LiveCatalog, store: any EventStore, debouncer: (any Debouncer)? = nil,
            queue: (any MessageQueue)? = nil,
            databus: (any EventSource)? = nil, lock: (any DistributedLock)? = nil, gateway: any Gateway,
            clock: any TimeSource, tracer: (any Tracer)? = nil
        ) {
            self.catalog = catalog
            self.store = store
            self.debouncer = debouncer
            self.queue = queue
            self.databus = databus
            self.lock = lock
            self.gateway = gateway
            self.clock = clock
            self.tracer = tracer
        }
    }

    /// The parts of the engine that run in this process.
    public struct Parts: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Rescuing, pruning, relaying the outbox to the queue, and digesting windows where they live.
        public static let scheduling = Parts(rawValue: 1)
        /// Digesting the store's windows and handling the queue's messages.
        public static let consuming = Parts(rawValue: 2)
        /// Reading events from the business topics, if there are any.
        public static let databus = Parts(rawValue: 4)
        public static let all: Parts = [.scheduling, .consuming, .databus]
    }

    public struct Options: Sendable {
        /// The maximum attempts at delivering a notification.
        public var gatewayAttempts = 10
        /// The maximum concurrent requests to the gateway.
        public var gatewayInFlight = 128
        /// The maximum events that wait in memory for their commit.
        public var maxPending = 20_000
        /// Events are refused above this number of messages in outbox and queue plus events in due windows.
        public var maxBacklog = 5_000_000
        public var digest = DigestOptions()
        public var retention = Pruner.Retention()

        public init() {}
    }

    /// Takes in events, even while the engine does not run.
    public let ingest: Ingest
    public let counters: StageCounters
    public let supervisors: [Supervisor]
    /// Watches the queue's backlog; `nil` if the outbox is the queue. Runs in every process that accepts events.
    public let queueMonitor: QueueMonitor?

    public init(
        _ ports: Ports, parts: Parts = .all, options: Options = Options(), logger: Logger
    ) async throws {
        counters = StageCounters(clock: ports.clock)
        ingest = Ingest(
            catalog: ports.catalog, store: ports.store, windows: ports.debouncer == nil ? .store : .relayed,
            clock: ports.clock, counters: counters, maxPending: options.maxPending, tracer: ports.tracer)
        var assembly = EngineAssembly(ports: ports, options: options, counters: counters, logger: logger)
        if parts.contains(.scheduling) { try await assembly.addScheduling() }
        if parts.contains(.consuming) { try await assembly.addConsuming() }
        if parts.contains(.databus), let databus = ports.databus { assembly.addDatabus(databus, ingest: ingest) }
        if !parts.isDisjoint(with: [.scheduling, .databus]) { assembly.addBacklogMonitor(ingest: ingest) }
        supervisors = assembly.supervisors
        queueMonitor = assembly.queueMonitor
    }

    /// Runs all parts until the task is cancelled or shuts down gracefully.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for supervisor in supervisors { group.addTask { try await supervisor.run() } }
        }
    }
}
