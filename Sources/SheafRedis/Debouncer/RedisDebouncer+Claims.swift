public import SheafCore

extension RedisDebouncer {
    /// How often to go through the shards if other workers claim the windows first.
    private static let rounds = 8

    public func claim(windows: Int, events: Int, lease: Duration) async throws -> ClaimBatch<WindowClaim> {
        if shards.count == 1 {
            return try await client.execute(
                ClaimWindows(
                    scripts.claim, due: shards.due(0), shard: 0, windows: windows, events: events, lease: lease))
        }
        var claims: [WindowClaim] = []
        var count = 0
        var nextDueIn: Duration?
        for _ in 0..<Self.rounds {
            let plan = try await plan(windows: windows - claims.count, events: events - count)
            nextDueIn = plan.nextDueIn
            guard !plan.shares.isEmpty else { break }
            let batches = try await client.execute(
                plan.shares.map { shard, share in
                    ClaimWindows(
                        scripts.claim, due: shards.due(shard), shard: shard, windows: share.windows,
                        events: share.events + 1, lease: lease)
                })
            let found = batches.flatMap(\.claims)
            claims += found
            count += found.reduce(0) { $0 + $1.events.count }
            nextDueIn = (batches.map(\.nextDueIn) + plan.others).compactMap(\.self).min()
            // The planned windows are there unless others claimed them meanwhile; only then there may be more.
            let planned = plan.shares.values.reduce(0) { $0 + $1.windows }
            guard found.count < planned, nextDueIn == .zero, claims.count < windows, count < events else { break }
        }
        return ClaimBatch(claims: claims.sorted { $0.isDueBefore($1) }, nextDueIn: nextDueIn)
    }

    /// What to claim from each shard, so that the longest due windows are claimed, whatever their shards.
    private struct Plan {
        /// Windows and their events by shard.
        var shares: [Int: (windows: Int, events: Int)] = [:]
        var nextDueIn: Duration?
        /// The times until the next windows of shards without a share.
        var others: [Duration?] = []
    }

    private func plan(windows: Int, events: Int) async throws -> Plan {
        let peeks = try await client.execute(
            (0..<shards.count).map { shard in
                PeekWindows(scripts.peek, due: shards.due(shard), shard: shard, windows: windows, events: events)
            })
        var plan = Plan(nextDueIn: peeks.compactMap(\.nextDueIn).min())
        var count = 0
        let due = peeks.flatMap(\.windows).sorted { ($0.at, $0.number, $0.shard) < ($1.at, $1.number, $1.shard) }
        for window in due.prefix(max(windows, 0)) {
            guard count < events else { break }
            plan.shares[window.shard, default: (0, 0)].windows += 1
            plan.shares[window.shard, default: (0, 0)].events += window.events
            count += window.events
        }
        plan.others = peeks.indices.filter { plan.shares[$0] == nil }.map { peeks[$0].nextDueIn }
        return plan
    }

    public func acknowledge(_ claims: [WindowClaim]) async throws {
        _ = try await client.execute(
            byShard(claims).map { AcknowledgeClaims(scripts.acknowledge, due: shards.due($0), $1) })
    }

    public func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws {
        _ = try await client.execute(
            byShard(claims).map { ReleaseClaims(scripts.release, due: shards.due($0), $1, delay: delay) })
    }

    public func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID> {
        let held = try await client.execute(
            byShard(claims).map { RenewClaims(scripts.renew, due: shards.due($0), $1, lease: lease) })
        return Set(held.joined())
    }

    /// Claims by the shard of their window; claims of no shard are dropped, since nobody can hold them.
    private func byShard(_ claims: [WindowClaim]) -> [Int: [HeldClaim]] {
        claims.reduce(into: [:]) { shares, claim in
            guard let place = shards.place(of: claim.id) else { return }
            shares[place.shard, default: []].append(HeldClaim(number: place.number, claim: claim))
        }
    }
}

extension WindowClaim {
    /// Windows that are claimed again have been due for longer than their position among the ready ones shows; across
    /// shards their original due time decides.
    fileprivate func isDueBefore(_ other: WindowClaim) -> Bool {
        (window.closesAt, id) < (other.window.closesAt, other.id)
    }
}
