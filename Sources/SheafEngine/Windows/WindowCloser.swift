public import Logging
internal import Metrics
import ServiceLifecycle
public import SheafCore

/// Binds the windows that are due: claims all that are in one go, words them side by side, and sleeps until the next
/// one is due.
public final class WindowCloser: Sendable {
    /// What bounds the closer's work.
    public struct Limits: Sendable {
        /// Windows claimed in one go, and being bound at the same time.
        public var windows = 500
        /// Events of the windows being bound at the same time, less those of the last that was claimed.
        public var events = 10_000
        /// How long a claim is held before another worker may take it over.
        public var lease = Duration.seconds(30)
        /// How long another process's windows may go unnoticed.
        public var patience = Duration.milliseconds(500)
        /// The waits between attempts at a window that cannot be worded yet.
        public var retry = RetryPolicy(maxAttempts: .max, base: .seconds(1), cap: .seconds(60))

        public init() {}
    }

    private let debouncer: any Debouncer
    private let store: any EventStore
    private let composer: Composer
    private let clock: any TimeSource
    private let limits: Limits
    private let logger: Logger
    private let acknowledgements: GroupCommit<WindowClaim, Void>
    private let lateness = Timer(label: "sheaf_window_lateness_seconds")
    private let wakeUp = WakeUp()

    public init(
        debouncer: any Debouncer, store: any EventStore, composer: Composer, clock: any TimeSource,
        limits: Limits = Limits(), logger: Logger
    ) {
        self.debouncer = debouncer
        self.store = store
        self.composer = composer
        self.clock = clock
        self.limits = limits
        self.logger = logger
        acknowledgements = GroupCommit(batch: 500) { claims in
            try await debouncer.acknowledge(claims)
            return claims.map { _ in }
        }
    }

    /// Tells that a window is due earlier than the closer may know.
    public func wake() { wakeUp.notify() }

    /// Binds windows until the task is cancelled or shuts down gracefully; claimed windows are finished first.
    public func run() async throws {
        let inFlight = InFlightClaims()
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.ending(inFlight) { try await self.renewLeases(of: inFlight) } }
                defer { inFlight.stop() }
                while true {
                    let generation = wakeUp.generation
                    if Task.isShuttingDownGracefully || Task.isCancelled || inFlight.hasFailed { break }
                    let batch = try await claim(beside: inFlight.load)
                    if let batch, !batch.claims.isEmpty {
                        inFlight.insert(batch.claims)
                        for (claim, events) in try await windows(of: batch.claims) {
                            group.addTask {
                                try await self.ending(inFlight) { try await self.bind(claim, events, in: inFlight) }
                            }
                        }
                    } else {
                        await rest(after: generation, nextDueIn: batch?.nextDueIn)
                    }
                }
            }
        } catch {
            // Whoever goes on need not wait for the leases to end; if this fails too, it has to.
            try? await debouncer.release(inFlight.claims) { _ in .zero }
            throw error
        }
    }

    // MARK: Steps

    /// Has the loop end where `body` fails: a failing task cancels the group's tasks, but not the loop beside them.
    private func ending(_ inFlight: InFlightClaims, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            inFlight.fail()
            wake()
            throw error
        }
    }

    private func rest(after generation: UInt64, nextDueIn: Duration?) async {
        let pause = min(nextDueIn ?? limits.patience, limits.patience)
        // A cancelled wait ends the loop by its condition.
        try? await cancelWhenGracefulShutdown {
            try await self.wakeUp.wait(after: generation, atMost: pause, on: self.clock)
        }
    }

    /// Claims what is due; `nil` while so much is being bound that it pays to wait for room for a batch.
    private func claim(beside load: InFlightClaims.Load) async throws -> ClaimBatch? {
        guard hasRoom(beside: load) else { return nil }
        return try await debouncer.claim(
            windows: limits.windows - load.windows, events: limits.events - load.events, lease: limits.lease)
    }

    private func hasRoom(beside load: InFlightClaims.Load) -> Bool {
        load.windows <= limits.windows / 2 && load.events <= limits.events / 2
    }

    /// The claims with those of their events that are still new, by one question for all of them.
    private func windows(of claims: [WindowClaim]) async throws -> [(WindowClaim, [Event])] {
        let found = try await store.newEvents(claims.flatMap(\.events))
        let byID = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return claims.map { claim in (claim, claim.events.compactMap { byID[$0] }) }
    }

    private func bind(_ claim: WindowClaim, _ events: [Event], in inFlight: InFlightClaims) async throws {
        let start = ContinuousClock.now
        let outcome = await composer.compose(CompositionUnit(events: events, window: claim.window))
        switch outcome {
        case .finished:
            if !events.isEmpty { lateness.record(duration: claim.lateness + (ContinuousClock.now - start)) }
            _ = try await acknowledgements.submit([claim])
        case .postponed(let error):
            let delay = limits.retry.delay(after: claim.attempt, floor: (error as? SheafError)?.retryAfter)
            logger.warning(
                "a window waits for another attempt",
                metadata: [
                    "window": "\(claim.window.key)", "attempt": "\(claim.attempt)", "delay": "\(delay)",
                    "error": "\(error.safeText)",
                ])
            try await debouncer.release([claim]) { _ in delay }
        }
        // On the way down through the half, the loop has room for a batch again.
        let load = inFlight.remove(claim)
        if !hasRoom(beside: load.before), hasRoom(beside: load.now) { wake() }
    }

    /// Keeps the claims of windows whose wording takes long.
    private func renewLeases(of inFlight: InFlightClaims) async throws {
        while await inFlight.wait(for: limits.lease / 3, on: clock) {
            let claims = inFlight.claims
            if !claims.isEmpty { _ = try await debouncer.renew(claims, lease: limits.lease) }
        }
    }
}
