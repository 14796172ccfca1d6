public import SheafCore
import Synchronization

/// A clock that a test moves by hand.
///
/// A sleeping task wakes when the clock is moved to or past the end of its sleep, the earliest end first.
public final class TestClock: TimeSource {
    private struct Sleeper {
        let end: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Sleeps that were cancelled before they began.
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []

        mutating func takeWatchers() -> [Watcher] {
            let met = watchers.filter { $0.count <= sleepers.count }
            watchers.removeAll { $0.count <= sleepers.count }
            return met
        }
    }

    private let state: Mutex<State>

    /// The initial moment of a test clock: 2026-11-23T09:00:00Z.
    public static let start = Timestamp(milliseconds: 1_795_424_400_000)

    public init(now: Timestamp = TestClock.start) { state = Mutex(State(now: now)) }

    public var now: Timestamp { state.withLock { $0.now } }

    /// How many tasks sleep.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    public func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { begin(id, for: duration, $0) }
        } onCancel: {
            cancel(id)
        }
    }

    /// Moves the clock forward, and wakes tasks whose sleep has ended.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            let now = state.now
            let over = state.sleepers.filter { $0.value.end <= now }
            for id in over.keys { state.sleepers[id] = nil }
            return over.sorted { ($0.value.end, $0.key) < ($1.value.end, $1.key) }
        }
        for sleeper in woken { sleeper.value.continuation.resume() }
    }

    /// Waits until at least `count` tasks sleep, so that the clock is not moved too early.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let met = state.withLock { state in
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return state.takeWatchers()
            }
            for watcher in met { watcher.continuation.resume() }
        }
    }

    private func begin(_ id: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let (met, result) = state.withLock { state -> ([Watcher], Result<Void, any Error>?) in
            if state.cancelled.remove(id) != nil { return ([], .failure(CancellationError())) }
            guard duration > .zero else { return ([], .success(())) }
            state.sleepers[id] = Sleeper(end: state.now + duration, continuation: continuation)
            return (state.takeWatchers(), nil)
        }
        if let result { continuation.resume(with: result) }
        for watcher in met { watcher.continuation.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state in
            let sleeper = state.sleepers.removeValue(forKey: id)
            if sleeper == nil { state.cancelled.insert(id) }
            return sleeper
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
