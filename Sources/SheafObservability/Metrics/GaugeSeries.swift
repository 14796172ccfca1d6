import CoreMetrics
import Synchronization

/// A value that is set, and may rise and fall.
final class GaugeSeries: MetricSeries {
    private let value = Atomic<Double>(0)

    func expose(_ name: String, _ labels: LabelSet, to text: inout ExpositionText) {
        text.sample(name, labels, MetricSyntax.number(value.load(ordering: .relaxed)))
    }
}

extension GaugeSeries: MeterHandler {
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.store(value, ordering: .relaxed) }
    func increment(by amount: Double) { value.update { $0 + amount } }
    func decrement(by amount: Double) { value.update { $0 - amount } }
}

extension GaugeSeries: RecorderHandler {
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

extension GaugeSeries: TimerHandler {
    /// Shows the latest duration in seconds.
    func recordNanoseconds(_ duration: Int64) { set(Double(duration) / 1e9) }
}
