import Logging
import SheafCore
import Tracing

/// The result of composing a window.
enum CompositionOutcome: Sendable {
    /// How the window is to end.
    case digest(PendingDigest)
    /// The window cannot be composed now and must wait.
    case postponed(any Error)
    /// This process does not know the window's type, which is declared in a file. Another process may know it, or it
    /// was removed.
    case left
}

/// Composes a window's notification, and dead-letters the events from which no text can be made.
final class Composer: Sendable {
    private let catalog: LiveCatalog
    private let recipients: any RecipientSettings
    private let clock: any TimeSource
    private let timer = OperationTimer("compose")
    private let tracer: StepTracer
    private let logger: Logger

    /// - Parameters:
    ///   - recipients: the store of recipients' settings.
    ///   - tracer: `nil` if nothing is traced.
    init(
        catalog: LiveCatalog, recipients: any RecipientSettings, clock: any TimeSource, tracer: (any Tracer)?,
        logger: Logger
    ) {
        self.catalog = catalog
        self.recipients = recipients
        self.clock = clock
        self.tracer = StepTracer(tracer)
        self.logger = logger
    }

    /// The declared types whose windows may be claimed.
    var declaredTypes: Set<EventTypeCode> { catalog.current.declaredCodes }

    /// The maximum number of events in a window of the type.
    func maxEvents(of type: EventTypeCode) -> Int {
        catalog.current.type(code: type)?.delivery.maxEvents ?? 1
    }

    /// The key as clients write it.
    func text(of key: WindowKey) -> String { catalog.current.text(of: key) }

    /// The settings of the windows' recipients, in one query. Types whose texts do not depend on settings need no
    /// query.
    func settings(of claims: [some DigestibleClaim]) async throws -> [RecipientID: RecipientDescription] {
        let catalog = catalog.current
        let recipients = Set(
            claims.lazy.filter { !$0.events.isEmpty && catalog.type(code: $0.type)?.usesSettings == true }
                .map(\.window.key.recipient))
        return recipients.isEmpty ? [:] : try await self.recipients.settings(of: Array(recipients))
    }

    /// How the claimed window ends, or why it must wait.
    func compose(_ claim: some DigestibleClaim, for settings: RecipientDescription) async -> CompositionOutcome {
        guard let step = tracer.compose(claim, type: catalog.current.name(of: claim.type)) else {
            return await outcome(of: claim, for: settings, in: nil)
        }
        return await step.run {
            let outcome = await outcome(of: claim, for: settings, in: step)
            switch outcome {
            case .postponed(let error): step.fail(error.safeText)
            case .left: step["sheaf.suppressed"] = "left_to_others"
            case .digest(let pending):
                step[pending.digest.reason == nil ? "sheaf.notification.id" : "sheaf.suppressed"] =
                    pending.digest.reason ?? pending.digest.id.description
            }
            return outcome
        }
    }

    private func outcome(
        of claim: some DigestibleClaim, for settings: RecipientDescription, in step: TracedStep?
    ) async -> CompositionOutcome {
        guard let first = claim.events.first else {
            return .digest(digest(of: claim, WindowComposition(.suppressed(reason: "empty")), in: step))
        }
        let catalog = catalog.current
        guard let type = catalog.type(code: claim.type) else {
            if catalog.isForeign(claim.type) { return .left }
            let error = SheafError(.unknownType, field: "type", "no event type has the code \(claim.type)")
            return .digest(dead(claim, claim.events, because: error, in: step))
        }
        let events = type.read(claim.events)
        let unreadable = events.unreadable.map(\.event)
        let fault = events.unreadable.first?.error
        if let fault, events.readable == 0 { return .digest(dead(claim, unreadable, because: fault, in: step)) }
        do {
            let context = CompositionContext(of: first, settings: settings, traceParent: trace(of: claim, step))
            let composition = try await timer.measure { try await events.compose(in: context) }
            guard let fault else { return .digest(digest(of: claim, composition, in: step)) }
            return .digest(dead(claim, unreadable, because: fault, others: composition, in: step))
        } catch  where error.failureKind == .permanent {
            return .digest(dead(claim, claim.events, because: fault ?? error, in: step))
        } catch {
            return .postponed(error)
        }
    }

    /// - Parameter others: the digest of the remaining events.
    private func dead(
        _ claim: some DigestibleClaim, _ events: [Event], because error: any Error, others: WindowComposition? = nil,
        in step: TracedStep?
    ) -> PendingDigest {
        let (reason, text, now) = ((error as? SheafError)?.code.rawValue ?? "failed", error.safeText, clock.now)
        logger.warning(
            "events dead-lettered", metadata: ["count": "\(events.count)", "reason": "\(reason)", "error": "\(text)"])
        return digest(
            of: claim, others ?? WindowComposition(.suppressed(reason: reason)),
            dead: events.map { EventException(event: $0.id, status: .dead, reason: reason) },
            deadLetters: events.map { DeadLetter($0, reason: reason, error: text, at: now) }, in: step)
    }

    private func digest(
        of claim: some DigestibleClaim, _ composed: WindowComposition, dead: [EventException] = [],
        deadLetters: [DeadLetter] = [], in step: TracedStep?
    ) -> PendingDigest {
        let digest = Digest(
            id: IdentifierGenerator.shared.next(at: clock.now), source: claim.digestSource, window: claim.window,
            isAlone: claim.isAlone, attempts: claim.attempt, events: claim.events.map(\.id),
            exceptions: dead + composed.exceptions, composition: composed.composition,
            traceParent: trace(of: claim, step))
        return PendingDigest(digest: digest, deadLetters: deadLetters)
    }

    /// The trace context for the steps that follow the window's digest.
    private func trace(of claim: some DigestibleClaim, _ step: TracedStep?) -> String? {
        step?.trace ?? claim.events.lazy.compactMap(\.traceParent).first
    }
}

extension DeadLetter {
    /// The letter of an event that cannot be composed.
    init(_ event: Event, reason: String, error: String, at now: Timestamp) {
        self.init(
            id: IdentifierGenerator.shared.next(at: now), topic: Topic.eventOccurred.rawValue, reason: reason,
            error: error, message: event.payload, body: .event(event.id), recipient: event.recipient, failedAt: now)
    }
}
