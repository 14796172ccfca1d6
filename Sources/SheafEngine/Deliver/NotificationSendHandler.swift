import Logging
import SheafCore
import Tracing

/// Handles messages of `notification_send`: hands notifications to the gateway and records what it answered.
///
/// A failed attempt is published anew, held back, in the transaction that records it; so one bad recipient holds up
/// nobody, and what was tried survives a kill.
struct NotificationSendHandler: Handler {
    /// The longest wait between two attempts, unless the gateway asks for a longer one.
    static let longestPause = Duration.seconds(300)

    private let catalog: EventCatalog
    private let store: any EventStore
    private let gateway: any Gateway
    private let counters: StageCounters
    private let retry: RetryPolicy
    private let width: Int
    private let tracer: StepTracer
    private let metrics: DeliveryMetrics
    private let logger: Logger
    private let records: GroupCommit<RecordedDelivery, Void>
    private let outbox: (any OutboxConsumer)?

    /// - Parameters:
    ///   - maxAttempts: attempts before a notification is given up.
    ///   - outbox: the consumer of the messages if the outbox is the queue: they are then acknowledged by the
    ///     transaction that records the attempt. `nil` if whoever received them acknowledges them.
    ///   - width: requests to the gateway at the same time.
    ///   - tracer: `nil` if nothing is traced.
    init(
        catalog: EventCatalog, store: any EventStore, gateway: any Gateway, counters: StageCounters,
        outbox: (any OutboxConsumer)? = nil, maxAttempts: Int = 10, width: Int = 32, tracer: (any Tracer)? = nil,
        logger: Logger
    ) {
        self.catalog = catalog
        self.store = store
        self.gateway = gateway
        self.counters = counters
        self.width = width
        self.tracer = StepTracer(tracer)
        self.logger = logger
        metrics = DeliveryMetrics(catalog: catalog)
        retry = RetryPolicy(maxAttempts: maxAttempts, base: .seconds(1), cap: Self.longestPause)
        self.outbox = outbox
        records = GroupCommit(batch: 200, linger: .milliseconds(5)) { records in
            let ended = outbox == nil ? [] : records.flatMap(\.messages)
            try await store.transaction("record_delivery") { transaction in
                let found = try transaction.record(records.map { $0.delivery.record(at: transaction.now) })
                // A notification that was erased in the meantime has no next attempt and no letter.
                let kept = records.map(\.delivery).filter { found.contains($0.notification.id) }
                try transaction.publish(kept.compactMap(\.next))
                try transaction.insert(kept.compactMap { $0.deadLetter(at: transaction.now) })
                if !ended.isEmpty { try transaction.acknowledge(ended) }
            }
            if !ended.isEmpty { await outbox?.forget(ended) }
            return records.map { _ in }
        }
    }

    func handle(_ messages: [ReceivedMessage]) async throws {
        var byNotification: [NotificationID: [ReceivedMessage]] = [:]
        for message in messages {
            if case .notification(let id) = message.message.body { byNotification[id, default: []].append(message) }
        }
        let pending = try await store.notifications(Array(byNotification.keys)).filter { $0.status == .pending }
        let pendingIDs = Set(pending.map(\.id))
        // There is nothing to send for the others.
        let others = byNotification.filter { !pendingIDs.contains($0.key) }.flatMap(\.value)
        if let outbox, !others.isEmpty { try await outbox.acknowledge(others) }
        try await send(pending.map { ($0, byNotification[$0.id] ?? []) })
    }

    /// Dead-letters the notification of a message that could not be handled.
    func giveUp(_ message: ReceivedMessage, because error: any Error) async throws {
        guard case .notification(let id) = message.message.body,
            let notification = try await store.notifications([id]).first, notification.status == .pending
        else {
            try await outbox?.acknowledge([message])
            return
        }
        let text = error.safeText
        let delivery = Delivery(
            notification: notification, outcome: .refused(httpStatus: nil, error: text), attempt: 0, retry: retry)
        try await record(RecordedDelivery(delivery: delivery, messages: [message]))
    }

    private func send(_ pending: [(UserNotification, [ReceivedMessage])]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, (notification, messages)) in pending.enumerated() {
                if index >= width { try await group.next() }
                group.addTask {
                    let attempt = (messages.map(\.message.attempt).max() ?? 0).addingReportingOverflow(1)
                    let delivery = await deliver(
                        notification, attempt: attempt.overflow ? .max : attempt.partialValue)
                    // At once, and not with the rest of the batch: a kill then repeats only requests in flight.
                    try await record(RecordedDelivery(delivery: delivery, messages: messages))
                }
            }
            try await group.waitForAll()
        }
    }

    private func deliver(_ notification: UserNotification, attempt: Int) async -> Delivery {
        func delivery(_ outcome: GatewayOutcome) -> Delivery {
            Delivery(notification: notification, outcome: outcome, attempt: attempt, retry: retry)
        }
        let type = catalog.name(of: notification.type)
        guard let step = tracer.deliver(notification, type: type, attempt: attempt) else {
            return delivery(await gateway.send(notification, type: type))
        }
        return await step.run {
            let delivery = delivery(await gateway.send(notification, type: type))
            step["sheaf.outcome"] = delivery.result.rawValue
            step["http.response.status_code"] = delivery.httpStatus
            if let error = delivery.error { step.fail(error) }
            return delivery
        }
    }

    private func record(_ record: RecordedDelivery) async throws {
        _ = try await records.submit([record])
        let delivery = record.delivery
        counters.sent(delivery.result)
        metrics.count(delivery)
        guard delivery.result == .failed else { return }
        logger.warning(
            "notification dead-lettered",
            metadata: [
                "notification_id": "\(delivery.notification.id)", "reason": "\(delivery.reason)",
                "error": "\(delivery.error ?? "")",
            ])
    }
}

/// An attempt with the messages that asked for it.
private struct RecordedDelivery: Sendable {
    let delivery: Delivery
    let messages: [ReceivedMessage]
}
