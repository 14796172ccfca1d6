public import SheafCore
public import SheafPipeline

/// Handles messages of `event_occurred`: each event that is still new goes the way its type's delivery policy says.
///
/// Handling a message twice changes nothing: an event that ended is passed over, one that waits goes on waiting.
public struct EventOccurredHandler: Handler {
    private let catalog: EventCatalog
    private let store: any EventStore
    private let composer: Composer
    private let immediate: ImmediateProcessor
    private let debounced: DebouncedProcessor

    /// - Parameter wakeCloser: tells the window closer that a window may end earlier than it knows.
    public init(
        catalog: EventCatalog, store: any EventStore, debouncer: any Debouncer, composer: Composer,
        wakeCloser: @escaping @Sendable () -> Void
    ) {
        self.catalog = catalog
        self.store = store
        self.composer = composer
        immediate = ImmediateProcessor(composer: composer, store: store)
        debounced = DebouncedProcessor(
            debouncer: debouncer, store: store, immediate: immediate, wakeCloser: wakeCloser)
    }

    public func handle(_ messages: [ReceivedMessage]) async throws {
        var attempts: [EventID: Int] = [:]
        for case (.event(let id), let attempt) in messages.map({ ($0.message.body, $0.message.attempt) }) {
            attempts[id] = max(attempt, attempts[id] ?? 0)
        }
        var atOnce: [(Event, Int)] = []
        var waiting: [(Event, WindowPolicy, Int)] = []
        for event in try await store.newEvents(Array(attempts.keys)) {
            switch catalog.type(code: event.type)?.delivery {
            case .immediate: atOnce.append((event, attempts[event.id] ?? 0))
            case .debounced(let policy): waiting.append((event, policy, attempts[event.id] ?? 0))
            case nil:
                let error = SheafError(.unknownType, field: "type", "no event type has the code \(event.type)")
                try await composer.giveUp([event], reason: error.code.rawValue, because: error)
            }
        }
        if !waiting.isEmpty { try await debounced.process(waiting) }
        try await immediate.process(atOnce)
    }

    /// Gives up the event of a message that could not be handled.
    public func giveUp(_ message: ReceivedMessage, because error: any Error) async throws {
        guard case .event(let id) = message.message.body else { return }
        let events = try await store.newEvents([id])
        try await composer.giveUp(events, reason: "handler_failed", because: error)
    }
}
