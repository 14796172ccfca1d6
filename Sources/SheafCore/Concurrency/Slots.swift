import Synchronization

/// Limits how many operations run at once. Further callers wait for their turn, first come, first served.
public final class Slots: Sendable {
    private struct State {
        var free: Int
        var next: UInt64 = 0
        var waiters: [(number: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    /// - Parameter count: the maximum concurrent operations, at least one.
    public init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Runs `body` once a slot is free.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before its turn; `body` then does not run.
    public func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        guard await take() else { throw CancellationError() }
        defer { release() }
        return try await body()
    }

    /// - Returns: whether there is a slot to release.
    private func take(isolation: isolated (any Actor)? = #isolation) async -> Bool {
        let number = state.withLock { state -> UInt64? in
            guard state.free == 0 else {
                state.free -= 1
                return nil
            }
            state.next += 1
            return state.next
        }
        guard let number else { return true }
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = state.withLock { state -> Bool? in
                    if state.cancelled.remove(number) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let isTaken { continuation.resume(returning: isTaken) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                if let index = state.waiters.firstIndex(where: { $0.number == number }) {
                    return state.waiters.remove(at: index).continuation
                }
                state.cancelled.insert(number)
                return nil
            }
            waiter?.resume(returning: false)
        }
    }

    private func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst().continuation }
            state.free += 1
            return nil
        }
        waiter?.resume(returning: true)
    }
}
