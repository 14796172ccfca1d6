import Logging
internal import Metrics
import ServiceLifecycle
public import SheafCore

/// What bounds the digesting of windows.
public struct DigestLimits: Sendable {
    /// Windows of one type that are digested at the same time, and windows claimed at once.
    public var windows = 500
    /// Events of one type's windows that are digested at the same time, less those of the last that was claimed.
    public var events = 10_000
    /// Bytes of payloads of one type's windows that are digested at the same time, less those of the last that was
    /// claimed.
    public var bytes = 32 << 20
    /// How long a claim is held before another worker may take it over.
    public var lease = Duration.seconds(30)
    /// How often it looks for windows that another process wrote.
    public var pollInterval = Duration.milliseconds(500)
    /// The waits between attempts at a window whose service fails.
    public var retry = RetryPolicy(maxAttempts: .max, base: .seconds(1), cap: .seconds(60))

    public init() {}

    /// How far ahead the moments are that digesting writes.
    var dueLimits: DueLimits { DueLimits(serviceWait: retry.cap, lease: lease) }
}

/// Digests the windows that are due: claims all that are at once, composes them side by side, and sleeps until the next
/// one is due.
struct Digester<Source: ClaimSource>: Sendable {
    let source: Source
    let composer: Composer
    let commits: DigestCommits
    let limits: DigestLimits
    let clock: any TimeSource
    /// Signalled when a window may be due earlier than the last claim said.
    let wakeUp: WakeUp
    let logger: Logger
    private let lateness = Timer(label: MetricName.windowLateness)

    init(
        _ source: Source, composer: Composer, commits: DigestCommits, limits: DigestLimits, clock: any TimeSource,
        wakeUp: WakeUp, logger: Logger
    ) {
        self.source = source
        self.composer = composer
        self.commits = commits
        self.limits = limits
        self.clock = clock
        self.wakeUp = wakeUp
        self.logger = logger
    }

    /// Digests until the task is cancelled or shuts down gracefully; claimed windows are finished first.
    func run() async throws {
        let inFlight = ClaimsInFlight<Source.Claim>(
            windows: limits.windows, events: limits.events, bytes: limits.bytes, stuckAfter: limits.pollInterval)
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.failing(inFlight) { try await self.renewLeases(of: inFlight) } }
                defer { inFlight.stop() }
                while true {
                    let generation = wakeUp.generation
                    if Task.isShuttingDownGracefully || Task.isCancelled || inFlight.hasFailed { break }
                    let room = inFlight.room(at: clock.now, declared: composer.declaredTypes)
                    let batch = try await source.claim(room, lease: limits.lease)
                    guard !batch.claims.isEmpty else {
                        inFlight.rest()
                        await rest(after: generation, nextDueIn: batch.nextDueIn)
                        continue
                    }
                    let settings = try await settings(of: batch.claims)
                    for lane in inFlight.insert(batch.claims, settings: settings, at: clock.now) {
                        group.addTask {
                            try await self.failing(inFlight) {
                                while let work = inFlight.next(in: lane) { try await self.digest(work, in: inFlight) }
                            }
                        }
                    }
                }
            }
        } catch {
            // Whoever goes on need not wait for the leases to end; if this fails too, it has to.
            try? await source.nack(inFlight.claims)
            throw error
        }
    }

    // MARK: Steps

    /// Has the loop end if `body` fails: a failing task cancels the group's tasks, but not the loop beside them.
    private func failing(_ inFlight: ClaimsInFlight<Source.Claim>, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            inFlight.fail()
            wakeUp.notify()
            throw error
        }
    }

    private func rest(after generation: UInt64, nextDueIn: Duration?) async {
        let pause = min(nextDueIn ?? limits.pollInterval, limits.pollInterval)
        // A cancelled wait ends the loop by its condition.
        try? await cancelWhenGracefulShutdown {
            try await self.wakeUp.wait(after: generation, atMost: pause, on: self.clock)
        }
    }

    /// What the recipients of a batch said. If it cannot be looked up, the windows stay due.
    private func settings(of claims: [Source.Claim]) async throws -> [RecipientID: RecipientDescription] {
        do { return try await composer.settings(of: claims) } catch {
            try? await source.nack(claims)
            throw error
        }
    }

    private func digest(
        _ work: ClaimsInFlight<Source.Claim>.Work, in inFlight: ClaimsInFlight<Source.Claim>
    ) async throws {
        let claim = work.claim
        let start = ContinuousClock.now
        switch await composer.compose(claim, for: work.settings) {
        case .digest(let digest):
            if try await commits.submit(digest) {
                _ = inFlight.note(claim, hasChanged: false)
                if !claim.events.isEmpty { lateness.record(duration: claim.lateness + (ContinuousClock.now - start)) }
                try await source.end(claim)
            } else if inFlight.note(claim, hasChanged: true) {
                // Its rows may contradict each other, and would be read in vain over and over.
                try await postpone(
                    claim, because: SheafError(.storage, "the window's events differ from its count or revision"))
            } else {
                // The window has changed since it was read; it is read again.
                try await source.nack([claim])
                wakeUp.notify()
            }
        case .left: try await source.nack([claim])
        case .postponed(let error):
            // A factory that was cancelled says nothing of its service.
            try Task.checkCancellation()
            try await postpone(claim, because: error)
        }
        if inFlight.remove(claim) { wakeUp.notify() }
    }

    private func postpone(_ claim: Source.Claim, because error: any Error) async throws {
        let delay = limits.retry.delay(after: claim.attempt, floor: (error as? SheafError)?.retryAfter)
        logger.warning(
            "a window waits for another attempt",
            metadata: [
                "window": "\(composer.text(of: claim.window.key))", "attempt": "\(claim.attempt)", "delay": "\(delay)",
                "error": "\(error.safeText)",
            ])
        try await source.postpone(
            [PostponedClaim(claim: claim, delay: delay, maxEvents: composer.maxEvents(of: claim.type))])
    }

    /// Keeps the claims of windows whose digesting takes long.
    private func renewLeases(of inFlight: ClaimsInFlight<Source.Claim>) async throws {
        while await inFlight.wait(for: limits.lease / 3, on: clock) {
            let claims = inFlight.claims
            if !claims.isEmpty { try await source.renew(claims, lease: limits.lease) }
        }
    }
}
