import SheafCore

/// Where windows are claimed and how their claims end: the store, or windows outside it.
protocol ClaimSource<Claim>: Sendable {
    associatedtype Claim: DigestibleClaim

    /// Claims windows that are due, longest due first.
    func claim(_ room: ClaimRoom, lease: Duration) async throws -> ClaimBatch<Claim>

    func renew(_ claims: [Claim], lease: Duration) async throws

    /// Hands claims back: their windows are due again at once.
    func nack(_ claims: [Claim]) async throws

    /// Ends the claim of a window whose digest is durable.
    func end(_ claim: Claim) async throws

    /// Makes windows wait for a service.
    func postpone(_ claims: [PostponedClaim<Claim>]) async throws
}

/// What a worker has room for.
struct ClaimRoom: Sendable {
    let limits: ClaimLimits
    /// Types that have been left alone for so long that nobody should wait for them any more.
    let stuck: Set<EventTypeCode>
}

struct PostponedClaim<Claim: DigestibleClaim>: Sendable {
    let claim: Claim
    let delay: Duration
    /// The most events that windows of its key may hold when they merge.
    let maxEvents: Int
}

/// A claimed window with its events.
protocol DigestibleClaim: Hashable, Sendable {
    var id: WindowID { get }
    /// Tells this claim from those of the window before and after it.
    var token: Int64 { get }
    var window: ClosedWindow { get }
    var isAlone: Bool { get }
    /// Oldest first.
    var events: [Event] { get }
    /// How often it was claimed to be digested, this time included.
    var attempt: Int { get }
    /// How long it had been due when it was claimed.
    var lateness: Duration { get }
    /// How the window ends.
    var digestSource: Digest.Source { get }
}

extension DigestibleClaim {
    var type: EventTypeCode { window.key.type }
}

extension ClaimedWindow: DigestibleClaim {
    var digestSource: Digest.Source { .claim(id, token: token, revision: revision) }
}

/// The windows that live in the store.
struct StoreClaims: ClaimSource {
    let store: any EventStore

    func claim(_ room: ClaimRoom, lease: Duration) async throws -> ClaimBatch<ClaimedWindow> {
        try await store.claim(room.limits, lease: lease)
    }

    func renew(_ claims: [ClaimedWindow], lease: Duration) async throws {
        _ = try await store.renew(claims, lease: lease)
    }

    func nack(_ claims: [ClaimedWindow]) async throws { try await store.nack(claims) }

    /// The digest ended it.
    func end(_ claim: ClaimedWindow) async throws {}

    func postpone(_ claims: [PostponedClaim<ClaimedWindow>]) async throws {
        try await store.postpone(
            claims.map { Postponement($0.claim, delay: $0.delay, reason: .service, maxEvents: $0.maxEvents) })
    }
}
