import Synchronization

/// The sandbox ended before it listened.
public struct SandboxEnded: Error {}

/// The port of a server that is starting.
final class BoundPort: Sendable {
    private enum State {
        case waiting([AsyncStream<Int>.Continuation])
        case bound(Int)
        case ended
    }

    private let state = Mutex(State.waiting([]))

    var value: Int {
        get async throws {
            let (ports, continuation) = AsyncStream<Int>.makeStream()
            state.withLock { state in
                switch state {
                case .waiting(let waiters): state = .waiting(waiters + [continuation])
                case .bound(let port): continuation.yield(port)
                case .ended: continuation.finish()
                }
            }
            for await port in ports { return port }
            try Task.checkCancellation()
            throw SandboxEnded()
        }
    }

    func bind(_ port: Int) {
        for waiter in moving(to: .bound(port)) { waiter.yield(port) }
    }

    func end() {
        for waiter in moving(to: .ended) { waiter.finish() }
    }

    /// The callers that waited.
    private func moving(to next: State) -> [AsyncStream<Int>.Continuation] {
        state.withLock { state in
            defer { state = next }
            if case .waiting(let waiters) = state { return waiters }
            return []
        }
    }
}
