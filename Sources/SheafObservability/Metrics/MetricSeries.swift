/// The values of one metric under one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    /// Writes the samples as they stand.
    func expose(_ name: String, _ labels: LabelSet, to text: inout ExpositionText)
}
