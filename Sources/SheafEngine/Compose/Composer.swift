public import Logging
public import SheafCore
import SheafPipeline
public import Tracing

/// Words events that belong together, and ends them: events, notification and the message to send it are one
/// transaction, shared by the windows that are ready at the same time.
public final class Composer: Sendable {
    /// How often a unit is worded anew because its events were ended under its hands.
    private static let maxConflicts = 3
    /// Events that one transaction ends, unless a single unit has more.
    private static let maxEvents = 10_000

    private let catalog: EventCatalog
    private let store: any EventStore
    private let clock: any TimeSource
    private let counters: StageCounters
    private let metrics: ComposeMetrics
    private let bindings: GroupCommit<Binding, Void>
    private let timer = OperationTimer("compose")
    private let tracer: StepTracer
    private let logger: Logger

    /// - Parameter tracer: `nil` where nothing is traced.
    public init(
        catalog: EventCatalog, store: any EventStore, clock: any TimeSource, counters: StageCounters,
        tracer: (any Tracer)? = nil, logger: Logger
    ) {
        self.tracer = StepTracer(tracer)
        self.catalog = catalog
        self.store = store
        self.clock = clock
        self.counters = counters
        self.logger = logger
        metrics = ComposeMetrics(catalog: catalog)
        let weight = GroupCommit<Binding, Void>.Weight(limit: Self.maxEvents) { $0.events.count }
        bindings = GroupCommit(batch: 200, weight: weight) { bindings in
            try await store.transaction("bind") { transaction in
                try transaction.bind(bindings)
                try transaction.publish(bindings.compactMap(\.message))
            }
            return bindings.map { _ in }
        }
    }

    /// Ends the unit's events, or says why they have to wait. The events must be of one type and recipient.
    func compose(_ unit: CompositionUnit) async -> CompositionOutcome {
        guard let first = unit.events.first else { return .finished }
        guard let step = tracer.compose(unit, type: catalog.name(of: first.type)) else {
            return await settle(unit, in: nil)
        }
        return await step.run {
            let outcome = await settle(unit, in: step)
            if case .postponed(let error) = outcome { step.fail(error.safeText) }
            return outcome
        }
    }

    private func settle(_ unit: CompositionUnit, in step: TracedStep?) async -> CompositionOutcome {
        var unit = unit
        for _ in 0..<Self.maxConflicts {
            guard let first = unit.events.first else { return .finished }
            do {
                guard let type = catalog.type(code: first.type) else {
                    throw SheafError(.unknownType, field: "type", "no event type has the code \(first.type)")
                }
                let composition = try await timer.measure { try await type.compose(unit.events) }
                try await bind(unit, composition, in: step)
                return .finished
            } catch is BindingConflict {
                // Another worker was faster with some of the events; the rest is still to be spoken of.
                do {
                    let ids = unit.events.map(\.id)
                    unit = CompositionUnit(events: try await store.newEvents(ids), window: unit.window)
                } catch { return .postponed(error) }
            } catch  where error.failureKind == .permanent {
                do {
                    unit = CompositionUnit(events: try await giveUp(unit, because: error), window: unit.window)
                } catch { return .postponed(error) }
            } catch {
                return .postponed(error)
            }
        }
        return .postponed(SheafError(.conflict, "the events are bound elsewhere at the same time"))
    }

    /// Gives up an event that cannot be worded, for good.
    func giveUp(_ events: [Event], reason: String, because error: any Error) async throws {
        let text = error.safeText
        let ids = events.map(\.id)
        let dead = try await store.transaction("give_up") { transaction in
            let dead = Set(try transaction.markDead(ids, reason: reason))
            try transaction.insert(
                events.filter { dead.contains($0.id) }.map { event in
                    DeadLetter(
                        id: IdentifierGenerator.shared.next(at: transaction.now), topic: Topic.eventOccurred.rawValue,
                        reason: reason, error: text, message: event.payload, body: .event(event.id),
                        recipient: event.recipient, failedAt: transaction.now)
                })
            return dead.count
        }
        logger.warning("events given up", metadata: ["count": "\(dead)", "reason": "\(reason)", "error": "\(text)"])
        counters.finished(.dead, dead)
        metrics.dead(dead, type: events.first?.type ?? 0, reason: reason)
    }

    // MARK: Steps

    private func bind(_ unit: CompositionUnit, _ composition: Composition, in step: TracedStep?) async throws {
        guard let first = unit.events.first else { return }
        let binding = Binding(
            id: IdentifierGenerator.shared.next(at: clock.now), type: first.type, recipient: first.recipient,
            events: unit.events.map(\.id), window: unit.window, composition: composition,
            traceParent: step?.trace ?? unit.events.lazy.compactMap(\.traceParent).first)
        _ = try await bindings.submit([binding])
        switch composition {
        case .notification:
            step?["sheaf.notification.id"] = binding.id.description
            counters.composed(1)
            counters.finished(.processed, binding.events.count)
        case .suppressed(let reason):
            step?["sheaf.suppressed"] = reason
            counters.finished(.suppressed, binding.events.count)
        }
        metrics.bound(binding)
    }

    /// Gives up the events at fault: those whose payload cannot be read any more, or else all.
    /// - Returns: the events that are left.
    private func giveUp(_ unit: CompositionUnit, because error: any Error) async throws -> [Event] {
        let parts = unit.events.first.flatMap { catalog.type(code: $0.type) }?.keyParts(of: unit.events.map(\.payload))
        let unreadable = zip(unit.events, parts ?? []).compactMap { event, part in
            if case .failure = part { event } else { nil }
        }
        let atFault = unreadable.isEmpty ? unit.events : unreadable
        try await giveUp(atFault, reason: (error as? SheafError)?.code.rawValue ?? "failed", because: error)
        let gone = Set(atFault.map(\.id))
        return unit.events.filter { !gone.contains($0.id) }
    }
}

extension Binding {
    /// The message that sends the notification.
    fileprivate var message: QueueMessage? {
        guard case .notification = composition else { return nil }
        return QueueMessage(key: recipient, body: .notification(id))
    }
}
