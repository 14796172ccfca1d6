import SheafCore
import Synchronization

/// The claims a worker is busy with.
final class InFlightClaims: Sendable {
    /// How much they are.
    struct Load: Sendable {
        var windows = 0
        var events = 0
    }

    private struct State {
        var claims: [WindowID: WindowClaim] = [:]
        var load = Load()
    }

    private let state = Mutex(State())
    private let failed = Mutex(false)
    private let end = WakeUp()

    var load: Load { state.withLock { $0.load } }
    var claims: [WindowClaim] { state.withLock { Array($0.claims.values) } }

    /// Whether the work on one of them failed.
    var hasFailed: Bool { failed.withLock { $0 } }

    func insert(_ claims: [WindowClaim]) {
        state.withLock { state in
            for claim in claims {
                let old = state.claims.updateValue(claim, forKey: claim.id)
                state.load.windows += old == nil ? 1 : 0
                state.load.events += claim.events.count - (old?.events.count ?? 0)
            }
        }
    }

    func fail() { failed.withLock { $0 = true } }

    /// - Returns: how much there was before, and how much there is now.
    func remove(_ claim: WindowClaim) -> (before: Load, now: Load) {
        state.withLock { state in
            let before = state.load
            if let old = state.claims.removeValue(forKey: claim.id) {
                state.load.windows -= 1
                state.load.events -= old.events.count
            }
            return (before, state.load)
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
