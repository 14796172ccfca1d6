/// The values of one metric under one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    /// Writes the current samples.
    func expose(_ name: String, _ labels: LabelSet, to text: inout ExpositionText)
}
