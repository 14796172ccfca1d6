import Synchronization

/// Blocks callers until it is opened.
final class Gate: Sendable {
    /// The waiting callers; `nil` once it is open.
    private let waiters = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = waiters.withLock { waiters in
                waiters?.append(continuation)
                return waiters == nil
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let released = waiters.withLock { waiters in
            defer { waiters = nil }
            return waiters ?? []
        }
        for waiter in released { waiter.resume() }
    }
}
