import SheafCore

/// Lets events wait in their windows.
///
/// Each window it opens gets a message that its first event occurred, held back until the window should be over: if
/// the debouncer has lost the window by then, the message makes the event wait anew.
final class DebouncedProcessor: Sendable {
    /// How long after the end of its window the message comes; by then the window is bound, or something is wrong.
    private static let grace = Duration.seconds(5)

    private let debouncer: any Debouncer
    private let store: any EventStore
    private let immediate: ImmediateProcessor
    private let wakeCloser: @Sendable () -> Void

    init(
        debouncer: any Debouncer, store: any EventStore, immediate: ImmediateProcessor,
        wakeCloser: @escaping @Sendable () -> Void
    ) {
        self.debouncer = debouncer
        self.store = store
        self.immediate = immediate
        self.wakeCloser = wakeCloser
    }

    /// - Parameter events: each with the policy of its type, and how often it was tried before.
    func process(_ events: [(event: Event, policy: WindowPolicy, attempt: Int)]) async throws {
        let admissions = try await debouncer.add(
            events.map { DebounceEntry(event: $0.event.id, key: $0.event.windowKey, policy: $0.policy) })
        var opened: [(event: Event, dueIn: Duration)] = []
        var leading: [(event: Event, attempt: Int)] = []
        var mayEndEarlier = false
        for ((event, _, attempt), admission) in zip(events, admissions) {
            switch admission.outcome {
            case .opened: opened.append((event, admission.dueIn))
            case .leading: leading.append((event, attempt))
            case .joined, .known: mayEndEarlier = mayEndEarlier || admission.dueIn == .zero
            }
        }
        try await remind(opened)
        // The closer sleeps until the first end it knows of.
        if mayEndEarlier || !opened.isEmpty || !leading.isEmpty { wakeCloser() }
        try await immediate.process(leading)
    }

    private func remind(_ opened: [(event: Event, dueIn: Duration)]) async throws {
        guard !opened.isEmpty else { return }
        let messages = opened.map {
            QueueMessage(key: $0.event.recipient, body: .event($0.event.id), delay: $0.dueIn + Self.grace)
        }
        try await store.transaction("remind") { try $0.publish(messages) }
    }
}
