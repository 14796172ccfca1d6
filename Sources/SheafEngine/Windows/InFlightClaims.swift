import SheafCore
import Synchronization

/// The claims a worker is busy with.
final class InFlightClaims: Sendable {
    private let state = Mutex<[WindowID: WindowClaim]>([:])
    private let failed = Mutex(false)
    private let end = WakeUp()

    var count: Int { state.withLock { $0.count } }
    var claims: [WindowClaim] { state.withLock { Array($0.values) } }

    /// Whether the work on one of them failed.
    var hasFailed: Bool { failed.withLock { $0 } }

    func insert(_ claims: [WindowClaim]) {
        state.withLock { state in
            for claim in claims { state[claim.id] = claim }
        }
    }

    func fail() { failed.withLock { $0 = true } }

    /// - Returns: how many there were before.
    func remove(_ claim: WindowClaim) -> Int {
        state.withLock { claims in
            defer { claims.removeValue(forKey: claim.id) }
            return claims.count
        }
    }

    /// Ends the waiting; no more claims will come.
    func stop() { end.notify() }

    /// Waits for `duration`.
    /// - Returns: `false` as soon as no more claims will come.
    func wait(for duration: Duration, on clock: any TimeSource) async -> Bool {
        guard end.generation == 0 else { return false }
        try? await end.wait(after: 0, atMost: duration, on: clock)
        return end.generation == 0 && !Task.isCancelled
    }
}
