import SheafCore

/// Hands out one recipient's messages to one caller at a time, in the order of the base consumer.
///
/// Several tasks share it. A recipient's later messages wait here until the earlier ones in flight have ended. If the
/// earlier ones are handed back, the later ones are handed back too.
actor OrderedConsumer<Base: QueueConsumer>: QueueConsumer {
    /// The maximum number of messages that wait here; at this number no more are taken from the base. It is so large
    /// that one recipient's burst delays nobody else. Messages hold ids only.
    private static var mostWaiting: Int { 20_000 }

    private let base: Base
    private var messages = MessagesByKey()
    private var isReceiving = false
    /// How often messages were handed back.
    private var nacks = 0
    private let changes = WakeUp()
    /// Callers that wait for a change while another caller waits for the base.
    private var idle = 0
    /// Signalled if messages are ready and the only caller that could take them waits for the base.
    private let interruption = WakeUp()

    init(_ base: Base) { self.base = base }

    func receive(limit: Int) async throws -> [ReceivedMessage] {
        while true {
            try Task.checkCancellation()
            let ready = messages.take(limit)
            if !ready.isEmpty {
                if messages.hasReady { wake() }
                return ready
            }
            let generation = changes.generation
            if isReceiving || messages.waiting >= Self.mostWaiting {
                idle += 1
                await changes.wait(after: generation)
                idle -= 1
            } else {
                try await receiveFromBase(limit: limit)
            }
        }
    }

    private func receiveFromBase(limit: Int) async throws {
        isReceiving = true
        defer {
            isReceiving = false
            changes.notify()
        }
        let before = nacks
        let received = try await fromBase(limit: limit)
        // Messages handed back meanwhile may belong before the ones just received.
        if nacks == before { messages.insert(received) } else { await base.nack(received) }
    }

    /// Receives messages from the base; returns none if some can be handed out here first.
    private func fromBase(limit: Int) async throws -> [ReceivedMessage] {
        let generation = interruption.generation
        return try await withThrowingTaskGroup(of: [ReceivedMessage]?.self) { group in
            group.addTask { [base] in try await base.receive(limit: limit) }
            group.addTask { [interruption] in
                await interruption.wait(after: generation)
                return nil
            }
            do {
                // Keep what the base was delivering when it was interrupted.
                while let received = try await group.next() {
                    group.cancelAll()
                    if let received { return received }
                }
            } catch is CancellationError {
                try Task.checkCancellation()
            }
            return []
        }
    }

    func acknowledge(_ ended: [ReceivedMessage]) async throws {
        try await base.acknowledge(ended)
        end(ended)
    }

    func nack(_ failed: [ReceivedMessage]) async {
        nacks += 1
        await base.nack(failed + messages.remove(waitingBehind: failed))
        end(failed)
    }

    private func end(_ ended: [ReceivedMessage]) {
        if messages.end(ended) { wake() }
    }

    private func wake() {
        changes.notify()
        if idle == 0 { interruption.notify() }
    }
}

extension OrderedConsumer: OutboxConsumer where Base: OutboxConsumer {
    func forget(_ ended: [ReceivedMessage]) async {
        await base.forget(ended)
        end(ended)
    }
}

/// Messages in flight or waiting, by the key that orders them.
struct MessagesByKey {
    private struct Lane {
        var inFlight: Set<MessagePosition> = []
        var waiting: [ReceivedMessage] = []
    }

    private var lanes: [RecipientID: Lane] = [:]
    /// Keys that have messages waiting and none in flight.
    private var ready: [RecipientID] = []
    /// How many messages wait.
    private(set) var waiting = 0

    var hasReady: Bool { !ready.isEmpty }

    mutating func insert(_ messages: [ReceivedMessage]) {
        for message in messages {
            let key = message.message.key
            if lanes[key] == nil { ready.append(key) }
            lanes[key, default: Lane()].waiting.append(message)
        }
        waiting += messages.count
    }

    /// Takes messages that nothing in flight blocks, a whole key at a time, until there are `limit`.
    mutating func take(_ limit: Int) -> [ReceivedMessage] {
        var taken: [ReceivedMessage] = []
        var count = 0
        while count < ready.count, taken.count < limit {
            let key = ready[count]
            count += 1
            guard var lane = lanes[key] else { continue }
            let first = lane.waiting.prefix(limit - taken.count)
            taken += first
            lane.waiting.removeFirst(first.count)
            lane.inFlight = Set(first.map(\.position))
            lanes[key] = lane
        }
        ready.removeFirst(count)
        waiting -= taken.count
        return taken
    }

    /// - Returns: whether messages became ready to be handed out.
    mutating func end(_ messages: [ReceivedMessage]) -> Bool {
        let before = (ready.count, waiting)
        for message in messages {
            let key = message.message.key
            guard var lane = lanes[key], lane.inFlight.remove(message.position) != nil else { continue }
            if lane.inFlight.isEmpty, !lane.waiting.isEmpty { ready.append(key) }
            lanes[key] = lane.inFlight.isEmpty && lane.waiting.isEmpty ? nil : lane
        }
        return before != (ready.count, waiting)
    }

    /// Removes the messages that wait behind `messages`.
    mutating func remove(waitingBehind messages: [ReceivedMessage]) -> [ReceivedMessage] {
        var removed: [ReceivedMessage] = []
        for key in Set(messages.map(\.message.key)) {
            guard let lane = lanes[key], !lane.inFlight.isEmpty else { continue }
            removed += lane.waiting
            lanes[key]?.waiting = []
        }
        waiting -= removed.count
        return removed
    }
}
