import Logging
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

/// An engine over drivers in memory and a clock that is moved by hand.
final class Rig: Sendable {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let clock: TestClock
    let memory: MemoryStore
    let store: FaultyStore
    let debouncer: ObservedDebouncer
    let gateway: RecordingGateway
    let factory: TestFactory
    let catalog: EventCatalog
    let engine: Engine

    init(
        clock: TestClock = TestClock(), memory: MemoryStore? = nil, factory: TestFactory = TestFactory(),
        gateway: RecordingGateway = RecordingGateway(), options: Engine.Options = Engine.Options()
    ) async throws {
        self.clock = clock
        self.memory = memory ?? MemoryStore(clock: clock)
        self.factory = factory
        self.gateway = gateway
        store = FaultyStore(self.memory)
        debouncer = ObservedDebouncer(clock: clock)
        catalog = try factory.catalog()
        engine = try await Engine(
            Engine.Ports(catalog: catalog, store: store, debouncer: debouncer, gateway: gateway, clock: clock),
            options: options, logger: Self.logger)
    }

    /// What is found after a kill: the durable data, an empty debouncer, and nothing in hand.
    func restarted() async throws -> Rig {
        try await Rig(clock: clock, memory: MemoryStore(recovering: memory), factory: factory, gateway: gateway)
    }

    /// Runs `body` while the engine runs.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [engine] in try? await engine.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

// MARK: - Sending events

extension Rig {
    /// Sends an event that is found again by its text, which is its identifier, too.
    @discardableResult
    func send(
        _ type: TestType, _ text: String, to recipient: RecipientID = 1, key: String? = nil
    ) async throws -> IngestResult.Status {
        let key = key.map { #","key":"\#($0)""# } ?? ""
        let event = IncomingEvent(
            source: "test", producerID: text, type: type.rawValue, recipient: recipient,
            data: #"{"text":"\#(text)"\#(key)}"#)
        let results = try await engine.ingest.submit([.success(event)], source: "test")
        return try #require(results.first).status
    }

    /// Stores an event without looking at its payload, as a version that knew another form of it did.
    func store(_ payload: String, _ type: TestType, id: String, recipient: RecipientID = 1) async throws {
        let event = Samples(start: clock.now).event(
            recipient: recipient, type: type.code, keyPart: nil, source: "test", producerID: id, payload: payload)
        try await memory.transaction("test") { transaction in
            _ = try transaction.append([event])
            try transaction.publish([QueueMessage(key: event.recipient, body: .event(event.id))])
        }
    }
}

// MARK: - Time

extension Rig {
    /// Lets time pass, in steps after which everything that is due gets done.
    func pass(_ duration: Duration, step: Duration = .seconds(5)) async throws {
        let end = clock.now + duration
        while clock.now < end {
            try await calm()
            clock.advance(by: min(step, end - clock.now))
        }
        try await calm()
    }

    /// Lets the engine do what is due. A part that began to wait while the clock was moved is late until it is moved
    /// again, so this has a limit, and is no failure where it is reached.
    func calm() async throws {
        for _ in 0..<100 {
            for _ in 0..<20 { await Task.yield() }
            if try await isCalm { return }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private var isCalm: Bool {
        get async throws {
            guard try await memory.statistics().oldestMessageAt == nil, debouncer.held == 0 else { return false }
            let windows = try await debouncer.openWindows(after: nil, limit: 1000).items
            return windows.allSatisfy { $0.closesAt > clock.now }
        }
    }
}

/// Waits for something that comes about without the clock being moved.
func until(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<5000 {
        for _ in 0..<5 {
            if try await condition() { return }
            await Task.yield()
        }
        try await Task.sleep(for: .milliseconds(1))
    }
    Issue.record(comment, sourceLocation: sourceLocation)
}

// MARK: - What became of the events

extension Rig {
    /// The recipient's notifications in words, oldest first.
    func texts(of recipient: RecipientID = 1) async throws -> [String] {
        try await notifications(of: recipient).map(\.content.fullText)
    }

    func notifications(of recipient: RecipientID = 1) async throws -> [UserNotification] {
        try await memory.feed(recipient: recipient, after: nil, limit: 10_000, unreadOnly: false).items.reversed()
    }

    func status(of id: String) async throws -> EventStatus? { try await memory.event(publicID: id)?.status }
}
