import Synchronization

/// The series of one metric by their labels: the same labels give the same series, and their number is limited.
final class SeriesTable<Series: MetricSeries>: Sendable {
    private struct State {
        var series: [LabelSet: Series] = [:]
        /// The series that all labels beyond the limit share.
        var other: Series?
    }

    private let state = Mutex(State())
    private let limit: Int
    private let make: @Sendable () -> Series

    init(limit: Int, make: @escaping @Sendable () -> Series) {
        self.limit = limit
        self.make = make
    }

    /// The series with these labels. Once the limit is reached, all new labels share one more series; its label values
    /// are `other`, and its label names are those of the first set beyond the limit.
    func series(_ dimensions: [(String, String)]) -> Series {
        let labels = LabelSet(dimensions)
        return state.withLock { state in
            if let known = state.series[labels] { return known }
            if state.series.count < limit { return insert(labels, into: &state) }
            if let other = state.other { return other }
            let shared = LabelSet.other(dimensions)
            let other = state.series[shared] ?? insert(shared, into: &state)
            state.other = other
            return other
        }
    }

    private func insert(_ labels: LabelSet, into state: inout State) -> Series {
        let new = make()
        state.series[labels] = new
        return new
    }

    func expose(_ name: String, to text: inout ExpositionText) {
        let series = state.withLock { $0.series }
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.expose(name, labels, to: &text)
        }
    }
}
