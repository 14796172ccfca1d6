import Logging
import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

/// An engine over drivers in memory and a clock that is moved by hand.
final class Rig: Sendable {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let windows: WindowLocation
    let clock: TestClock
    let memory: MemoryStore
    let store: FaultyStore
    /// Holds the windows if they live outside the store.
    let debouncer: ObservedDebouncer
    let gateway: RecordingGateway
    let factory: TestFactory
    let catalog: LiveCatalog
    let engine: Engine

    init(
        _ windows: WindowLocation = .store, clock: TestClock = TestClock(), memory: MemoryStore? = nil,
        factory: TestFactory = TestFactory(), gateway: RecordingGateway = RecordingGateway(),
        options: Engine.Options = Engine.Options()
    ) async throws {
        self.windows = windows
        self.clock = clock
        self.memory = memory ?? MemoryStore(clock: clock)
        self.factory = factory
        self.gateway = gateway
        store = FaultyStore(self.memory)
        debouncer = ObservedDebouncer(clock: clock)
        catalog = try factory.catalog()
        engine = try await Engine(
            Engine.Ports(
                catalog: catalog, store: store, debouncer: windows == .relayed ? debouncer : nil, gateway: gateway,
                clock: clock),
            options: options, logger: Self.logger)
    }

    /// The rig after a kill: the durable data, an empty debouncer, and nothing in flight.
    /// - Parameter windows: where windows live from now on; `nil` for no change.
    func restarted(_ windows: WindowLocation? = nil) async throws -> Rig {
        try await Rig(
            windows ?? self.windows, clock: clock, memory: MemoryStore(recovering: memory), factory: factory,
            gateway: gateway)
    }

    /// Runs `body` while the engine runs.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [engine] in try? await engine.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    var operations: Operations {
        Operations(
            store: store, debouncer: windows == .relayed ? debouncer : nil, catalog: catalog, clock: clock)
    }
}

extension WindowLocation {
    static let all: [WindowLocation] = [.store, .relayed]
}

// MARK: - Sending events

extension Rig {
    /// Sends an event whose text is also its id.
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

    /// Stores an event without checking its payload, like a version with another payload form.
    func store(_ payload: String, _ type: TestType, id: String, recipient: RecipientID = 1) async throws {
        let event = Samples(start: clock.now).event(
            recipient: recipient, type: type.code, keyPart: nil, source: "test", producerID: id, payload: payload)
        try await store(event, windows.admission(of: type.delivery))
    }

    func store(_ event: Event, _ admission: Admission) async throws {
        try await memory.transaction("test") { transaction in
            _ = try transaction.accept([AdmittedEvent(event, admission)])
            if admission == .relayed {
                try transaction.publish([QueueMessage(key: event.recipient, body: .event(event.id))])
            }
        }
    }
}

// MARK: - Time

extension Rig {
    /// Lets time pass in steps; after each, everything due is done.
    func pass(_ duration: Duration, step: Duration = .seconds(5)) async throws {
        let end = clock.now + duration
        while clock.now < end {
            try await calm()
            clock.advance(by: min(step, end - clock.now))
        }
        try await calm()
    }

    /// Lets the engine do what is due. A part that began to wait while the clock was moved wakes only at the next move,
    /// so this has a limit; reaching it is no failure.
    func calm() async throws {
        for _ in 0..<100 {
            for _ in 0..<20 { await Task.yield() }
            if try await isCalm { return }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private var isCalm: Bool {
        get async throws {
            let statistics = try await memory.statistics()
            guard statistics.oldestMessageAt == nil, statistics.dueEvents == 0, store.inFlight == 0,
                debouncer.held == 0
            else { return false }
            let windows = try await debouncer.openWindows(after: nil, limit: 1000).items
            return windows.allSatisfy { $0.closesAt > clock.now }
        }
    }
}

/// Waits for something that happens without moving the clock.
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

// MARK: - Outcomes of the events

extension Rig {
    /// The texts of the recipient's notifications, oldest first.
    func texts(of recipient: RecipientID = 1) async throws -> [String] {
        try await notifications(of: recipient).map(\.content.fullText)
    }

    func notifications(of recipient: RecipientID = 1) async throws -> [UserNotification] {
        try await memory.feed(recipient: recipient, after: nil, limit: 10_000, unreadOnly: false).items.reversed()
    }

    func status(of id: String) async throws -> EventStatus? { try await memory.event(publicID: id)?.status }

    /// All texts sent to the recipient, one for each notification.
    func words(of recipient: RecipientID = 1) async throws -> [String] {
        try await texts(of: recipient).flatMap { $0.split(separator: "+").map(String.init) }
    }

    /// The windows that operators see.
    func openWindows() async throws -> [LiveWindow] {
        try await store.openWindows(after: nil, limit: 1000).items
            + debouncer.openWindows(after: nil, limit: 1000).items
    }

    /// The window of an event, once it has ended.
    func endedWindow(of id: String) async throws -> EndedWindow? {
        guard let window = try await memory.event(publicID: id)?.window else { return nil }
        return try await memory.endedWindow(window)
    }
}
