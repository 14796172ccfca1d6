import Metrics
import SheafCore
import Synchronization

/// The timers of commands by name and outcome, each created once.
final class CommandTimers: Sendable {
    enum Outcome: String, CaseIterable {
        case success
        /// The server returned an error.
        case failure
        /// There was no reply.
        case unavailable
    }

    private struct Label: Hashable {
        let command: String
        let outcome: Outcome
    }

    private let factory: any MetricsFactory
    private let timers = Mutex<[Label: Timer]>([:])

    init(_ factory: any MetricsFactory) { self.factory = factory }

    func record(_ command: String, _ outcome: Outcome, _ duration: Duration) {
        let timer = timers.withLock { timers in
            let label = Label(command: command, outcome: outcome)
            if let timer = timers[label] { return timer }
            let timer = Timer(
                label: Metric.redisCommandDuration.name,
                dimensions: [("command", command), ("outcome", outcome.rawValue)], factory: factory)
            timers[label] = timer
            return timer
        }
        timer.recordNanoseconds(Int64(clamping: duration.nanoseconds))
    }
}

extension Duration {
    fileprivate var nanoseconds: Int128 { attoseconds / 1_000_000_000 }
}
