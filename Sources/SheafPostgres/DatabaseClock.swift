import SheafCore
import Synchronization

/// An estimate of the server's clock: each transaction reports it, and in between it runs at this machine's pace.
/// Before the first report it is the host's clock.
final class DatabaseClock: TimeSource {
    private struct State {
        var pace: SteadyPace?
        /// The server's clock minus the monotonic time since the start.
        var base = Timestamp(microseconds: 0)
    }

    private let start = ContinuousClock.now
    private let host = SteadyClock()
    private let state = Mutex(State())

    var now: Timestamp {
        let elapsed = ContinuousClock.now - start
        let known = state.withLock { state in
            state.pace?.advance(elapsed: elapsed.microseconds, wall: state.base + elapsed)
        }
        return known ?? host.now
    }

    func sleep(for duration: Duration) async throws { try await host.sleep(for: duration) }

    /// Records what the server's clock showed at `instant`. The first report is adopted at once.
    func observe(_ moment: Timestamp, at instant: ContinuousClock.Instant = .now) {
        let elapsed = instant - start
        state.withLock { state in
            state.base = moment - elapsed
            if state.pace == nil {
                var pace = SteadyPace(wall: moment - elapsed)
                _ = pace.advance(elapsed: elapsed.microseconds, wall: moment)
                state.pace = pace
            }
        }
    }
}
