import SheafCore
import Synchronization

/// Wakes those who wait for something to change.
///
/// Changes are numbered: whoever looks takes the number first, then waits past it, and so misses no change between.
final class ChangeSignal: Sendable {
    private struct State {
        var version = 0
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        /// Waits that were cancelled before they began.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// The number of changes so far.
    var version: Int { state.withLock { $0.version } }

    /// Wakes all who wait.
    func notify() {
        let woken = state.withLock { state in
            state.version += 1
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in woken.values { continuation.resume() }
    }

    /// Waits for a change after the one numbered `version`, and not longer than `limit` where there is one.
    func wait(past version: Int, atMost limit: Duration?, by clock: any TimeSource) async throws {
        guard let limit else { return try await wait(past: version) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: limit) }
            group.addTask { try await self.wait(past: version) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func wait(past version: Int) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { begin(id, past: version, $0) }
        } onCancel: {
            cancel(id)
        }
    }

    private func begin(_ id: Int, past version: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        let result = state.withLock { state -> Result<Void, any Error>? in
            if state.cancelled.contains(id) { return .failure(CancellationError()) }
            if state.version != version { return .success(()) }
            state.waiting[id] = continuation
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    private func cancel(_ id: Int) {
        let continuation = state.withLock { state in
            state.cancelled.insert(id)
            return state.waiting.removeValue(forKey: id)
        }
        continuation?.resume(throwing: CancellationError())
    }
}
