public import Logging
public import SheafCore
public import SheafPipeline
public import Tracing

/// Handles messages of `notification_send`: hands notifications to the gateway and records what it answered.
///
/// A failed attempt is published anew, held back, in the transaction that records it; so one bad recipient holds up
/// nobody, and what was tried survives a kill.
public struct NotificationSendHandler: Handler {
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
    private let records: GroupCommit<Delivery, Void>

    /// - Parameters:
    ///   - maxAttempts: attempts before a notification is given up.
    ///   - width: requests to the gateway at the same time.
    ///   - tracer: `nil` where nothing is traced.
    public init(
        catalog: EventCatalog, store: any EventStore, gateway: any Gateway, counters: StageCounters,
        maxAttempts: Int = 10, width: Int = 32, tracer: (any Tracer)? = nil, logger: Logger
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
        records = GroupCommit(batch: 200, linger: .milliseconds(5)) { deliveries in
            try await store.transaction("record_delivery") { transaction in
                let found = try transaction.record(deliveries.map { $0.record(at: transaction.now) })
                // A notification that was erased under way is not spoken of again.
                let kept = deliveries.filter { found.contains($0.notification.id) }
                try transaction.publish(kept.compactMap(\.next))
                try transaction.insert(kept.compactMap { $0.deadLetter(at: transaction.now) })
            }
            return deliveries.map { _ in }
        }
    }

    public func handle(_ messages: [ReceivedMessage]) async throws {
        var attempts: [NotificationID: Int] = [:]
        for case (.notification(let id), let attempt) in messages.map({ ($0.message.body, $0.message.attempt) }) {
            attempts[id] = max(attempt, attempts[id] ?? 0)
        }
        let pending = try await store.notifications(Array(attempts.keys)).filter { $0.status == .pending }
        try await send(pending, attempts)
    }

    /// Gives up the notification of a message that could not be handled.
    public func giveUp(_ message: ReceivedMessage, because error: any Error) async throws {
        guard case .notification(let id) = message.message.body,
            let notification = try await store.notifications([id]).first, notification.status == .pending
        else { return }
        let text = error.safeText
        let delivery = Delivery(
            notification: notification, outcome: .refused(httpStatus: nil, error: text), attempt: 0, retry: retry)
        try await record(delivery)
    }

    private func send(_ pending: [UserNotification], _ attempts: [NotificationID: Int]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, notification) in pending.enumerated() {
                if index >= width { try await group.next() }
                group.addTask {
                    // At once, and not with the rest of the batch: a kill then repeats only requests in flight.
                    try await record(
                        await deliver(notification, attempt: (attempts[notification.id] ?? 0) + 1))
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

    private func record(_ delivery: Delivery) async throws {
        _ = try await records.submit([delivery])
        tell(of: delivery)
    }

    /// In counts, and where there is no next attempt in the log.
    private func tell(of delivery: Delivery) {
        counters.sent(delivery.result)
        metrics.count(delivery)
        guard delivery.result == .failed else { return }
        logger.warning(
            "notification given up",
            metadata: [
                "notification_id": "\(delivery.notification.id)", "reason": "\(delivery.reason)",
                "error": "\(delivery.error ?? "")",
            ])
    }
}
