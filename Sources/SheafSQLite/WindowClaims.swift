import SheafCore
import Synchronization

/// The windows that this process has claimed.
///
/// Only one process digests the windows of a SQLite file, so claims need not survive it: a claim costs no write, and
/// after a kill all windows are free at once. The digest's compare-and-set on the row keeps a window from ending twice.
final class WindowClaims: Sendable {
    private struct Claim {
        var token: Int64
        let type: EventTypeCode
        var leaseEnds: Timestamp
        /// Whether the window is free: it was handed back, or made to wait by a write that is not durable yet. Its
        /// attempts still count.
        var isFree = false
        var attempt: Int
    }

    private struct State {
        var claims: [WindowID: Claim] = [:]
        var looks = 0
        /// Windows that ended or changed during a read, which may still see their former rows.
        var endedMeanwhile: Set<WindowID> = []
    }

    private let state = Mutex(State())

    /// Windows of the type that are claimed.
    func count(of type: EventTypeCode) -> Int { state.withLock { $0.claims.values.count { $0.type == type } } }

    /// Runs `body`, which reads rows from one snapshot and reserves them.
    func look<Result>(_ body: () throws -> Result) rethrows -> Result {
        state.withLock { $0.looks += 1 }
        defer {
            state.withLock { state in
                state.looks -= 1
                if state.looks == 0 { state.endedMeanwhile = [] }
            }
        }
        return try body()
    }

    /// Claims the window if it is free.
    /// - Parameter attempt: how many digests failed before.
    /// - Returns: the claim's token and the number of the attempt; `nil` if the window is already claimed.
    func reserve(
        _ id: WindowID, of type: EventTypeCode, after attempt: Int, until leaseEnds: Timestamp, at now: Timestamp
    ) -> (Int64, Int)? {
        state.withLock { state in
            guard !state.endedMeanwhile.contains(id) else { return nil }
            let former = state.claims[id]
            if let former, former.leaseEnds > now { return nil }
            let claim = Claim(
                token: Int64.random(in: 1 ... .max), type: type, leaseEnds: leaseEnds,
                attempt: max(attempt, former?.attempt ?? 0).addingClamped(1))
            state.claims[id] = claim
            return (claim.token, claim.attempt)
        }
    }

    /// The SQL condition that excludes claimed windows.
    var exclusion: String { " AND id NOT IN (\(claimed))" }

    /// The ids of the claimed windows, as an SQL list.
    var claimed: String {
        let ids = state.withLock { $0.claims.filter { !$0.value.isFree }.keys.sorted() }
        return ids.map(String.init).joined(separator: ", ")
    }

    /// When the first lease ends among the windows that may be claimed.
    func firstLeaseEnd(_ limits: ClaimLimits) -> Timestamp? {
        state.withLock {
            $0.claims.values.lazy.filter { !$0.isFree && limits.allows($0.type) }.map(\.leaseEnds).min()
        }
    }

    func isClaimed(_ id: WindowID) -> Bool { state.withLock { $0.claims[id].map { !$0.isFree } ?? false } }

    /// Ends claims once the current write is durable.
    func ending(_ ids: some Sequence<WindowID>) {
        state.withLock { state in
            for id in ids { state.claims[id]?.isFree = true }
        }
    }

    func holds(_ id: WindowID, token: Int64) -> Bool { state.withLock { $0.claims[id]?.token == token } }

    /// - Returns: whether the claim is held; it then lasts until `leaseEnds`.
    func renew(_ id: WindowID, token: Int64, until leaseEnds: Timestamp) -> Bool {
        state.withLock { state in
            guard state.claims[id]?.token == token else { return false }
            state.claims[id]?.leaseEnds = leaseEnds
            return true
        }
    }

    /// Ends claims whose windows have changed or no longer exist.
    func end(_ ids: some Sequence<WindowID>) {
        state.withLock { state in
            for id in ids {
                state.claims[id] = nil
                if state.looks > 0 { state.endedMeanwhile.insert(id) }
            }
        }
    }

    /// Hands back a window whose row is unchanged.
    func nack(_ id: WindowID, token: Int64) {
        state.withLock { state in
            guard var claim = state.claims[id], claim.token == token else { return }
            // This attempt does not count; earlier ones do.
            claim.attempt -= 1
            (claim.token, claim.isFree, claim.leaseEnds) = (0, true, Timestamp(microseconds: .min))
            state.claims[id] = claim.attempt > 0 ? claim : nil
        }
    }
}
