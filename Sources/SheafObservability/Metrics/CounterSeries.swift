import CoreMetrics
import Synchronization

/// A value that only grows.
///
/// Whole and fractional increments are summed separately, so that counting events takes one atomic addition and stays
/// exact beyond the 53 bits of a floating-point number.
final class CounterSeries: MetricSeries {
    /// Wraps at 2⁶⁴, which Prometheus treats as a restart of the process.
    private let whole = Atomic<UInt64>(0)
    private let fractional = Atomic<Double>(0)

    func expose(_ name: String, _ labels: LabelSet, to text: inout ExpositionText) {
        let whole = self.whole.load(ordering: .relaxed)
        let fractional = self.fractional.load(ordering: .relaxed)
        text.sample(
            name, labels, fractional == 0 ? String(whole) : MetricSyntax.number(Double(whole) + fractional))
    }
}

extension CounterSeries: CounterHandler {
    /// A counter never falls: negative amounts are ignored.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0, ordering: .relaxed)
    }
}

extension CounterSeries: FloatingPointCounterHandler {
    /// Negative, infinite and NaN amounts are ignored.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.update { $0 + amount }
    }
}

extension Atomic<Double> {
    /// Replaces the value by the result of `change`, atomically.
    func update(_ change: (Double) -> Double) {
        var expected = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(
                expected: expected, desired: change(expected), ordering: .relaxed)
            if exchanged { return }
            expected = original
        }
    }
}
