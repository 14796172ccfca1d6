import SheafCore

/// A claimed window outside the store, with those of its events that are still new.
struct RelayedClaim: DigestibleClaim {
    let claim: WindowClaim
    let events: [Event]

    var id: WindowID { claim.id }
    var token: Int64 { claim.token }
    var window: WindowSpan { claim.window }
    var isAlone: Bool { false }
    var attempt: Int { claim.attempt }
    var lateness: Duration { claim.lateness }
    var digestSource: Digest.Source { .relayed }
}

/// Claims windows outside the store for the digester. A window that must wait moves into the store.
struct RelayedClaims: ClaimSource {
    private let debouncer: any Debouncer
    private let store: any EventStore
    /// Ends claims whose digests are durable; those that end at the same time share a round trip.
    private let ends: GroupCommit<WindowClaim, Void>

    init(debouncer: any Debouncer, store: any EventStore) {
        self.debouncer = debouncer
        self.store = store
        ends = GroupCommit(batch: 500) { claims in
            try await debouncer.acknowledge(claims)
            return claims.map { _ in }
        }
    }

    /// A debouncer cannot exclude types from a claim. While a type is excluded, nothing is claimed. Once the type is
    /// stuck, its windows move into the store, where claims are made by type.
    func claim(_ room: ClaimRoom, lease: Duration) async throws -> ClaimBatch<RelayedClaim> {
        guard room.limits.excluding == room.stuck else { return ClaimBatch(claims: [], nextDueIn: nil) }
        let batch = try await debouncer.claim(
            windows: room.limits.windows, events: room.limits.events, lease: lease)
        guard !batch.claims.isEmpty else { return ClaimBatch(claims: [], nextDueIn: batch.nextDueIn) }
        do {
            let taken = Self.prefix(of: batch.claims, below: room.limits.bytes)
            if taken.count < batch.claims.count {
                try await debouncer.release(Array(batch.claims[taken.endIndex...])) { _ in .zero }
            }
            let claims = try await read(taken)
            // Windows of types that this process does not know move too: a process that knows them claims them in the
            // store.
            let stuck = claims.filter { !room.limits.allows($0.type) && !$0.events.isEmpty }
            guard !stuck.isEmpty else { return ClaimBatch(claims: claims, nextDueIn: batch.nextDueIn) }
            try await move(stuck.map { ($0, AdoptedWindow($0, attempt: $0.attempt - 1, delay: .zero)) })
            let others = claims.filter { room.limits.allows($0.type) || $0.events.isEmpty }
            return ClaimBatch(claims: others, nextDueIn: .zero)
        } catch {
            // Then other workers need not wait until the leases end. If this fails too, they do wait.
            try? await debouncer.release(batch.claims) { _ in .zero }
            throw error
        }
    }

    /// The first claims whose payloads reach this many bytes.
    private static func prefix(of claims: [WindowClaim], below bytes: Int) -> ArraySlice<WindowClaim> {
        var size = 0
        return claims.prefix { claim in
            defer { size += claim.bytes }
            return size < bytes
        }
    }

    private func read(_ claims: ArraySlice<WindowClaim>) async throws -> [RelayedClaim] {
        let found = try await store.unassignedEvents(claims.flatMap(\.events))
        let events = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        return claims.map { RelayedClaim(claim: $0, events: $0.events.compactMap { events[$0] }) }
    }

    func renew(_ claims: [RelayedClaim], lease: Duration) async throws {
        _ = try await debouncer.renew(claims.map(\.claim), lease: lease)
    }

    func nack(_ claims: [RelayedClaim]) async throws {
        try await debouncer.release(claims.map(\.claim)) { _ in .zero }
    }

    func end(_ claim: RelayedClaim) async throws { _ = try await ends.submit([claim.claim]) }

    func postpone(_ claims: [PostponedClaim<RelayedClaim>]) async throws {
        try await move(
            claims.map { ($0.claim, AdoptedWindow($0.claim, attempt: $0.claim.attempt, delay: $0.delay)) })
    }

    /// Moves windows into the store.
    private func move(_ windows: [(claim: RelayedClaim, adopted: AdoptedWindow)]) async throws {
        let adopted = try await store.transaction("adopt") { [windows = windows.map(\.adopted)] in
            try $0.adopt(windows)
        }
        try await debouncer.acknowledge(windows.filter { adopted.contains($0.adopted) }.map(\.claim.claim))
        // Of the other windows some events have ended meanwhile; they are read again.
        try await nack(windows.filter { !adopted.contains($0.adopted) }.map(\.claim))
    }
}

extension AdoptedWindow {
    fileprivate init(_ claim: RelayedClaim, attempt: Int, delay: Duration) {
        self.init(
            span: claim.window, events: claim.events.map(\.id), bytes: claim.events.payloadBytes, attempt: attempt,
            delay: delay, reason: .service)
    }
}
