import SheafCore

/// Claims windows and ends the claims, of windows in the store or outside it.
protocol ClaimSource<Claim>: Sendable {
    associatedtype Claim: DigestibleClaim

    /// Claims due windows; those that have been due longest come first.
    func claim(_ room: ClaimRoom, lease: Duration) async throws -> ClaimBatch<Claim>

    func renew(_ claims: [Claim], lease: Duration) async throws

    /// Hands claims back: their windows are due again at once.
    func nack(_ claims: [Claim]) async throws

    /// Ends the claim of a window whose digest is durable.
    func end(_ claim: Claim) async throws

    /// Makes windows wait for a service.
    func postpone(_ claims: [PostponedClaim<Claim>]) async throws
}

/// What a worker can take on now.
struct ClaimRoom: Sendable {
    let limits: ClaimLimits
    /// Types that were excluded from claims for so long that nothing should wait for them any more.
    let stuck: Set<EventTypeCode>
}

struct PostponedClaim<Claim: DigestibleClaim>: Sendable {
    let claim: Claim
    let delay: Duration
    /// The maximum number of events when windows of its key merge.
    let maxEvents: Int
}

/// A claimed window with its events.
protocol DigestibleClaim: Hashable, Sendable {
    var id: WindowID { get }
    /// Distinguishes this claim from earlier and later claims of the window.
    var token: Int64 { get }
    var window: WindowSpan { get }
    var isAlone: Bool { get }
    /// Oldest first.
    var events: [Event] { get }
    /// How often the window was claimed for digesting, this claim included.
    var attempt: Int { get }
    /// How long the window had been due when it was claimed.
    var lateness: Duration { get }
    /// What the digest ends: the kind of window and its claim.
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

    /// The digest has already ended it.
    func end(_ claim: ClaimedWindow) async throws {}

    func postpone(_ claims: [PostponedClaim<ClaimedWindow>]) async throws {
        try await store.postpone(
            claims.map { Postponement($0.claim, delay: $0.delay, reason: .service, maxEvents: $0.maxEvents) })
    }
}
