public import SheafCore
import Synchronization

/// A lock within one process: the reference for other locks.
public final class MemoryLock: DistributedLock {
    private struct State {
        /// The lock's holder and the end of its lease, by the lock's name.
        var holders: [ExactText: (hold: LockHold, since: Timestamp, until: Timestamp)] = [:]
        var lastFence: Int64 = 0
    }

    private let state = Mutex(State())
    private let clock: any TimeSource

    public init(clock: any TimeSource) { self.clock = clock }

    public func acquire(_ name: String, lease: Duration) async throws -> LockHold? {
        state.withLock { state in
            let now = clock.now
            // A lock taken while the clock was ahead does not count after the clock is corrected.
            if let holder = state.holders[ExactText(name)], holder.until > now, holder.since <= now { return nil }
            state.lastFence += 1
            let hold = LockHold(name: name, token: "\(state.lastFence)", fence: state.lastFence)
            state.holders[ExactText(name)] = (hold, now, now + lease)
            return hold
        }
    }

    public func renew(_ hold: LockHold, lease: Duration) async throws -> Bool {
        state.withLock { state in
            let now = clock.now
            guard let holder = state.holders[ExactText(hold.name)], holder.hold == hold, holder.until > now else {
                return false
            }
            state.holders[ExactText(hold.name)] = (hold, now, now + lease)
            return true
        }
    }

    public func release(_ hold: LockHold) async throws {
        state.withLock { state in
            if state.holders[ExactText(hold.name)]?.hold == hold { state.holders[ExactText(hold.name)] = nil }
        }
    }
}
