import Synchronization

/// Wakes waiting tasks without losing a call that comes just before they wait.
///
/// A waiter first reads the ``generation``, then looks for work, and then waits for a later generation.
public final class WakeUp: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Each call of ``notify()`` increments it.
    public var generation: UInt64 { state.withLock { $0.generation } }

    /// Wakes all waiters.
    public func notify() {
        let waiters = state.withLock { state in
            state.generation += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the generation is later than `generation`, or the task is cancelled.
    public func wait(after generation: UInt64) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.generation > generation || state.cancelled.remove(number) != nil { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                if let waiter = state.waiters.removeValue(forKey: number) { return waiter }
                state.cancelled.insert(number)
                return nil
            }
            waiter?.resume()
        }
        _ = state.withLock { $0.cancelled.remove(number) }
    }

    /// Waits while `condition` holds; checks it again after each call of ``notify()``. In an actor's method nothing
    /// runs between the last check and the code after this call.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public func wait(isolation: isolated (any Actor)? = #isolation, while condition: () -> Bool) async throws {
        while condition() {
            let generation = generation
            await wait(after: generation)
            try Task.checkCancellation()
        }
    }

    /// Waits until the generation is later than `generation`, `timeout` has passed, or the task is cancelled.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public func wait(after generation: UInt64, atMost timeout: Duration?, on clock: any TimeSource) async throws {
        if let timeout {
            guard timeout > .zero else { return }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.wait(after: generation) }
                group.addTask { try? await clock.sleep(for: timeout) }
                await group.next()
                group.cancelAll()
            }
        } else {
            await wait(after: generation)
        }
        try Task.checkCancellation()
    }
}
