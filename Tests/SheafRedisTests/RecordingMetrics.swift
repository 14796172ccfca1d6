import CoreMetrics
import Synchronization

/// Records which timers were created and how often each recorded a time.
final class RecordingMetrics: MetricsFactory {
    struct Label: Hashable, Sendable {
        let name: String
        let command: String
        let outcome: String
    }

    struct State {
        var made: [Label: Int] = [:]
        var recorded: [Label: Int] = [:]
    }

    let state = Mutex(State())

    func recorded(_ command: String, _ outcome: String) -> Int {
        state.withLock { state in
            state.recorded.reduce(0) { $1.key.command == command && $1.key.outcome == outcome ? $0 + $1.value : $0 }
        }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let values = Dictionary(dimensions, uniquingKeysWith: { first, _ in first })
        let label = Label(name: label, command: values["command"] ?? "", outcome: values["outcome"] ?? "")
        state.withLock { $0.made[label, default: 0] += 1 }
        return Handler(label: label, metrics: self)
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        NOOPMetricsHandler.instance
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private final class Handler: TimerHandler {
        let label: Label
        let metrics: RecordingMetrics

        init(label: Label, metrics: RecordingMetrics) {
            self.label = label
            self.metrics = metrics
        }

        func recordNanoseconds(_ duration: Int64) {
            metrics.state.withLock { $0.recorded[label, default: 0] += duration > 0 ? 1 : 0 }
        }
    }
}
