import CoreMetrics
import Synchronization

/// The number of values in each bucket, and their sum.
///
/// It uses one short lock instead of an atomic for each bucket, so a scrape sees buckets, sum and count of the same
/// moment.
final class HistogramSeries: MetricSeries {
    private struct State {
        /// By bucket, not cumulative; the last one counts values above every bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: finite and rising.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Counts a value. An infinite value or NaN would spoil the sum for ever, so it is ignored.
    func observe(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = self.bucket(of: value)
        state.withLock {
            $0.counts[bucket] &+= 1
            $0.sum += value
        }
    }

    /// The first bucket whose bound is not below `value`.
    private func bucket(of value: Double) -> Int {
        var range = 0..<bounds.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = value <= bounds[middle] ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }

    func expose(_ name: String, _ labels: LabelSet, to text: inout ExpositionText) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total &+= count
            text.bucket(name, labels, upTo: bound, count: total)
        }
        text.sample(name, suffix: "_sum", labels, MetricSyntax.number(sum))
        text.sample(name, suffix: "_count", labels, String(total))
    }
}

extension HistogramSeries: RecorderHandler {
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
}

extension HistogramSeries: TimerHandler {
    /// Counts the duration in seconds. A negative one, which only a clock set back can give, counts as zero.
    func recordNanoseconds(_ duration: Int64) { observe(Double(max(0, duration)) / 1e9) }
}
