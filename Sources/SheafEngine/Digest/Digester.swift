import Logging
internal import Metrics
import ServiceLifecycle
public import SheafCore

/// The limits of digesting windows.
public struct DigestOptions: Sendable {
    /// The maximum windows of one type in progress, and the maximum windows of one claim.
    public var windows = 500
    /// The maximum events of one type's windows in progress; the window claimed last may exceed it.
    public var events = 10_000
    /// The maximum payload bytes of one type's windows in progress; the window claimed last may exceed it.
    public var bytes = 32 << 20
    /// How long a claim is held before another worker may take it over.
    public var lease = Duration.seconds(30)
    /// How often the digester looks for windows that other processes wrote.
    public var pollInterval = Duration.milliseconds(500)
    /// The waits between attempts at a window whose service fails.
    public var retry = RetryPolicy.window

    public init() {}

    /// How far in the future a digester's due times can be.
    var dueLimits: DueLimits { DueLimits(serviceWait: retry.cap, lease: lease) }
}

/// Digests due windows: claims them in batches, composes them concurrently, and sleeps until the next one is due.
struct Digester<Source: ClaimSource>: Sendable {
    let source: Source
    let composer: Composer
    let commits: DigestCommits
    let limits: DigestOptions
    let clock: any TimeSource
    /// Signalled when a window may be due earlier than the last claim reported.
    let wakeUp: WakeUp
    let logger: Logger
    private let lateness = Timer(label: Metric.windowLateness.name)

    init(
        _ source: Source, composer: Composer, commits: DigestCommits, limits: DigestOptions, clock: any TimeSource,
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
            // Then other workers need not wait until the leases end. If this fails too, they do wait.
            try? await source.nack(inFlight.claims)
            throw error
        }
    }

    // MARK: Steps

    /// Ends the loop if `body` fails. A failing task cancels the other tasks of the group, but not the loop itself.
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
        // If the wait is cancelled, the loop's condition ends it.
        try? await cancelWhenGracefulShutdown {
            try await self.wakeUp.wait(after: generation, atMost: pause, on: self.clock)
        }
    }

    /// The settings of a batch's recipients. If they cannot be read, the windows stay due.
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
                // The window's rows may contradict each other; reading them again at once would fail again and again.
                try await postpone(
                    claim, because: SheafError(.storage, "the window's events differ from its count or revision"))
            } else {
                // The window has changed since it was read; it is read again.
                try await source.nack([claim])
                wakeUp.notify()
            }
        case .left: try await source.nack([claim])
        case .postponed(let error):
            // If composing was cancelled, its error says nothing about the service.
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

    /// Renews the leases of windows whose digest takes long.
    private func renewLeases(of inFlight: ClaimsInFlight<Source.Claim>) async throws {
        while await inFlight.wait(for: limits.lease / 3, on: clock) {
            let claims = inFlight.claims
            if !claims.isEmpty { try await source.renew(claims, lease: limits.lease) }
        }
    }
}
