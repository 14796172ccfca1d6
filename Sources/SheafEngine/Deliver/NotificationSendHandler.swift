import Logging
import SheafCore
import Tracing

/// Handles `notification_send` messages: sends notifications to the gateway and records the outcome.
///
/// The transaction that records a failed attempt also publishes the message again, with a delay. So one failing
/// recipient delays nobody else, and a kill loses no attempt. Notifications of a recipient are sent in the order of
/// their ids: while one is retried, the store holds the later ones.
struct NotificationSendHandler: Handler {
    private let catalog: LiveCatalog
    private let store: any EventStore
    private let gateway: any Gateway
    private let counters: StageCounters
    private let retry: RetryPolicy
    private let slots: Slots
    private let tracer: StepTracer
    private let metrics: DeliveryMetrics
    private let logger: Logger
    private let steps: GroupCommit<DeliveryStep, Bool>
    private let outbox: (any OutboxConsumer)?

    /// - Parameters:
    ///   - maxAttempts: attempts after which a notification has failed.
    ///   - outbox: the consumer of the messages if the outbox is the queue. The transaction that records an attempt
    ///     then acknowledges its messages. `nil` if their receiver acknowledges them.
    ///   - slots: limits concurrent requests to the gateway, for all handlers that share it.
    ///   - tracer: `nil` if nothing is traced.
    init(
        catalog: LiveCatalog, store: any EventStore, gateway: any Gateway, counters: StageCounters,
        outbox: (any OutboxConsumer)? = nil, maxAttempts: Int = 10, slots: Slots,
        tracer: (any Tracer)? = nil, logger: Logger
    ) {
        self.catalog = catalog
        self.store = store
        self.gateway = gateway
        self.counters = counters
        self.slots = slots
        self.tracer = StepTracer(tracer)
        self.logger = logger
        metrics = DeliveryMetrics(catalog: catalog)
        retry = .delivery(maxAttempts: maxAttempts)
        self.outbox = outbox
        steps = GroupCommit(batch: 200, linger: .milliseconds(5)) { steps in
            let messages = outbox == nil ? [] : steps.flatMap(\.messages)
            let pending = try await store.transaction("record_delivery") { transaction in
                if !messages.isEmpty { try transaction.acknowledge(messages) }
                // Hold notifications first: an attempt that ends a notification releases those that wait for it.
                try transaction.hold(steps.flatMap(\.held))
                let deliveries = steps.compactMap(\.delivery)
                let pending = try transaction.record(deliveries.map { $0.record(at: transaction.now) })
                // An attempt at a notification that was erased or has ended meanwhile changes nothing.
                let counted = deliveries.filter { pending.contains($0.notification.id) }
                try transaction.publish(counted.compactMap(\.next))
                try transaction.insert(counted.compactMap { $0.deadLetter(at: transaction.now) })
                try transaction.release(after: steps.flatMap(\.ended))
                return pending
            }
            if !messages.isEmpty { await outbox?.forget(messages) }
            return steps.map { $0.delivery.map { pending.contains($0.notification.id) } ?? true }
        }
    }

    /// - Parameter messages: nothing else is being sent to their recipients (``OrderedConsumer``).
    func handle(_ messages: [ReceivedMessage]) async throws {
        let items = try await items(of: messages).values
        try await withThrowingTaskGroup(of: Void.self) { group in
            for items in items { group.addTask { try await send(items) } }
            try await group.waitForAll()
        }
    }

    /// Dead-letters the notification of a message that could not be handled.
    func deadLetter(_ message: ReceivedMessage, because error: any Error) async throws {
        guard case .notification(let id) = message.message.body,
            let notification = try await store.notifications([id]).first, notification.status == .pending
        else {
            try await outbox?.acknowledge([message])
            return
        }
        let text = error.safeText
        let delivery = Delivery(
            notification: notification, outcome: .refused(httpStatus: nil, error: text), attempt: 0, retry: retry)
        try await record(delivery, of: [message])
    }

    // MARK: Order

    /// A notification with the messages that ask to send it.
    private struct Item {
        let turn: DeliveryTurn
        let messages: [ReceivedMessage]
    }

    /// The notifications to send to each recipient, in order. Ends the messages for which there is nothing to send.
    private func items(of messages: [ReceivedMessage]) async throws -> [RecipientID: [Item]] {
        var byNotification: [NotificationID: [ReceivedMessage]] = [:]
        for message in messages {
            if case .notification(let id) = message.message.body { byNotification[id, default: []].append(message) }
        }
        var items: [RecipientID: [Item]] = [:]
        var copies: [ReceivedMessage] = []
        for turn in try await store.deliveryTurns(Array(byNotification.keys)) where turn.notification.status == .pending
        {
            let messages = byNotification.removeValue(forKey: turn.notification.id) ?? []
            // A message whose attempt is already recorded is a copy; Kafka may deliver one.
            let current = messages.filter { $0.message.attempt >= turn.tries }
            copies += messages.filter { $0.message.attempt < turn.tries }
            if !current.isEmpty {
                items[turn.notification.recipient, default: []].append(Item(turn: turn, messages: current))
            }
        }
        if let outbox, !copies.isEmpty { try await outbox.acknowledge(copies) }
        let ended = byNotification.values.flatMap(\.self)
        if !ended.isEmpty { _ = try await steps.submit([.skip(ended)]) }
        return items.mapValues { $0.sorted { $0.turn.place < $1.turn.place } }
    }

    /// Sends one recipient's notifications, one after the other.
    private func send(_ items: [Item]) async throws {
        var rest = items[...]
        var hasEnded = false
        while let item = rest.first {
            if item.turn.isBehind {
                guard hasEnded else { break }
                // The notification that blocked the rest may have just ended.
                rest = try await self.items(of: rest.flatMap(\.messages)).values.first.map { $0[...] } ?? []
                hasEnded = false
                continue
            }
            rest.removeFirst()
            let attempt = (item.messages.map(\.message.attempt).max() ?? 0).addingClamped(1)
            let delivery = try await deliver(item.turn.notification, attempt: attempt)
            // Record at once, not with the rest of the batch: then a kill repeats only requests in flight.
            try await record(delivery, of: item.messages)
            if delivery.result == .retry { break }
            hasEnded = true
        }
        if !rest.isEmpty { _ = try await steps.submit([.hold(rest.flatMap(\.messages))]) }
    }

    // MARK: Delivery

    /// Makes one attempt, as soon as the limit of concurrent requests allows.
    ///
    /// - Throws: `CancellationError` if it was cancelled before there was a response; this counts as no attempt.
    private func deliver(_ notification: UserNotification, attempt: Int) async throws -> Delivery {
        try await slots.run { try await send(notification, attempt: attempt) }
    }

    private func send(_ notification: UserNotification, attempt: Int) async throws -> Delivery {
        let type = try await catalog.name(of: notification.type)
        func delivery() async throws -> Delivery {
            let outcome = await gateway.send(notification, type: type)
            // A cancelled request fails in many ways, none of which says anything about the gateway.
            if case .failed(httpStatus: nil, _, _) = outcome { try Task.checkCancellation() }
            return Delivery(notification: notification, outcome: outcome, attempt: attempt, retry: retry)
        }
        guard let step = tracer.deliver(notification, type: type, attempt: attempt) else {
            return try await delivery()
        }
        return try await step.run {
            let delivery = try await delivery()
            step["sheaf.outcome"] = delivery.result.rawValue
            step["http.response.status_code"] = delivery.httpStatus
            if let error = delivery.error { step.fail(error) }
            return delivery
        }
    }

    private func record(_ delivery: Delivery, of messages: [ReceivedMessage]) async throws {
        let counts = try await steps.submit([.attempt(delivery, messages)]).first == true
        counters.sent(delivery.result)
        metrics.count(delivery)
        guard counts, delivery.result == .failed else { return }
        logger.warning(
            "notification dead-lettered",
            metadata: [
                "notification_id": "\(delivery.notification.id)", "reason": "\(delivery.reason)",
                "error": "\(delivery.error ?? "")",
            ])
    }
}

/// A change that one transaction makes for several batches.
private enum DeliveryStep: Sendable {
    /// An attempt and the messages that asked for it.
    case attempt(Delivery, [ReceivedMessage])
    /// The notifications of these messages must wait.
    case hold([ReceivedMessage])
    /// The notifications of these messages have ended or were erased.
    case skip([ReceivedMessage])

    var messages: [ReceivedMessage] {
        switch self {
        case .attempt(_, let messages), .hold(let messages), .skip(let messages): messages
        }
    }

    var delivery: Delivery? {
        if case .attempt(let delivery, _) = self { delivery } else { nil }
    }

    var held: [QueueMessage] {
        if case .hold(let messages) = self { messages.map(\.message) } else { [] }
    }

    var ended: [QueueMessage] {
        if case .skip(let messages) = self { messages.map(\.message) } else { [] }
    }
}
