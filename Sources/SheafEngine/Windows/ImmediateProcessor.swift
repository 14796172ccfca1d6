import SheafCore

/// Speaks of each event at once.
final class ImmediateProcessor: Sendable {
    /// Events worded at the same time.
    private static let width = 64
    /// About an hour: as long as an event that cannot be worded is tried again.
    static let retry = RetryPolicy(maxAttempts: 70, base: .seconds(1), cap: .seconds(60))

    private let composer: Composer
    private let store: any EventStore

    init(composer: Composer, store: any EventStore) {
        self.composer = composer
        self.store = store
    }

    /// - Parameter events: each with how often it was tried before.
    func process(_ events: [(event: Event, attempt: Int)]) async throws {
        guard !events.isEmpty else { return }
        let postponed = await withTaskGroup(of: (Event, Int, any Error)?.self) { group in
            var postponed: [(Event, Int, any Error)] = []
            for (index, (event, attempt)) in events.enumerated() {
                if index >= Self.width, let failure = await group.next() ?? nil { postponed.append(failure) }
                group.addTask { await self.compose(event, attempt) }
            }
            for await failure in group { if let failure { postponed.append(failure) } }
            return postponed
        }
        try await postpone(postponed)
    }

    private func compose(_ event: Event, _ attempt: Int) async -> (Event, Int, any Error)? {
        switch await composer.compose(CompositionUnit(events: [event], window: nil)) {
        case .finished: nil
        case .postponed(let error): (event, attempt, error)
        }
    }

    /// Publishes the messages of events that have to wait anew, held back longer each time.
    private func postpone(_ events: [(event: Event, attempt: Int, error: any Error)]) async throws {
        if let down = events.first(where: { $0.error.failureKind == .infrastructure }) { throw down.error }
        var messages: [QueueMessage] = []
        for (event, attempt, error) in events {
            if Self.retry.allowsAttempt(after: attempt + 1) {
                let delay = Self.retry.delay(after: attempt + 1, floor: (error as? SheafError)?.retryAfter)
                messages.append(
                    QueueMessage(key: event.recipient, body: .event(event.id), attempt: attempt + 1, delay: delay))
            } else {
                try await composer.giveUp([event], reason: "attempts_used_up", because: error)
            }
        }
        guard !messages.isEmpty else { return }
        try await store.transaction("postpone") { [messages] in try $0.publish(messages) }
    }
}
