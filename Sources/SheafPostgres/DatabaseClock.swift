import SheafCore
import Synchronization

/// The server's clock as this process knows it: each transaction tells it, and in between it runs at this machine's pace.
final class DatabaseClock: TimeSource {
    private struct State {
        /// How far the server's clock is ahead.
        var offset = Duration.zero
        var told = Timestamp(microseconds: .min)
    }

    private let local = SteadyClock()
    private let state = Mutex(State())

    var now: Timestamp {
        let local = local.now
        return state.withLock { state in
            state.told = max(state.told, local + state.offset)
            return state.told
        }
    }

    func sleep(for duration: Duration) async throws { try await local.sleep(for: duration) }

    /// Notes what the server's clock showed a moment ago.
    func observe(_ moment: Timestamp) {
        let local = local.now
        state.withLock { $0.offset = moment - local }
    }
}
