import Synchronization

@testable import SheafEngine

/// A handler that records its batches, and fails when asked to.
final class RecordingHandler: Handler {
    private struct State {
        var calls: [[Int]] = []
        var handled: [Int] = []
    }

    private let state = Mutex(State())
    private let failure: @Sendable (_ messages: [Int], _ call: Int) -> (any Error)?

    /// - Parameter failure: the error of a call with these messages; calls are counted from 1.
    init(_ failure: @escaping @Sendable (_ messages: [Int], _ call: Int) -> (any Error)? = { _, _ in nil }) {
        self.failure = failure
    }

    var calls: [[Int]] { state.withLock { $0.calls } }
    /// The messages of all calls that did not fail.
    var handled: [Int] { state.withLock { $0.handled } }

    func handle(_ messages: [Int]) async throws {
        let call = state.withLock { state in
            state.calls.append(messages)
            return state.calls.count
        }
        if let error = failure(messages, call) { throw error }
        state.withLock { $0.handled += messages }
    }
}

/// Dead-lettered messages, in order.
final class GivenUp: Sendable {
    private let state = Mutex<[Int]>([])

    var messages: [Int] { state.withLock { $0 } }

    func add(_ message: Int) { state.withLock { $0.append(message) } }
}

/// The error that `body` throws.
func failure(of body: () async throws -> Void) async -> (any Error)? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}
