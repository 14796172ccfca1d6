import SheafCore

/// A metric with all its series.
struct MetricFamily: Sendable {
    /// The series by the metric's kind, which never changes.
    enum Table: Sendable {
        case counter(SeriesTable<CounterSeries>)
        case gauge(SeriesTable<GaugeSeries>)
        case histogram(SeriesTable<HistogramSeries>)
    }

    let description: Metric
    let table: Table

    /// - Parameter seriesLimit: the maximum number of series; further ones share the one labelled `other`.
    init(_ description: Metric, seriesLimit: Int) {
        self.description = description
        switch description.kind {
        case .counter:
            table = .counter(SeriesTable(limit: seriesLimit) { CounterSeries() })
        case .gauge:
            table = .gauge(SeriesTable(limit: seriesLimit) { GaugeSeries() })
        case .histogram:
            let bounds = description.buckets
            table = .histogram(SeriesTable(limit: seriesLimit) { HistogramSeries(bounds: bounds) })
        }
    }

    /// Creates the series without labels, so that it is shown with the value 0.
    func showZero() {
        switch table {
        case .counter(let table): _ = table.series([])
        case .gauge(let table): _ = table.series([])
        case .histogram(let table): _ = table.series([])
        }
    }

    func expose(to text: inout ExpositionText) {
        text.header(description.name, description.kind, help: description.help)
        switch table {
        case .counter(let table): table.expose(description.name, to: &text)
        case .gauge(let table): table.expose(description.name, to: &text)
        case .histogram(let table): table.expose(description.name, to: &text)
        }
    }
}
