/// A metric: its name, its meaning and how it is exposed.
public struct Metric: Hashable, Sendable {
    /// The Prometheus type of a metric.
    public enum Kind: String, Hashable, Sendable {
        case counter, gauge, histogram
    }

    /// When a metric without a value is shown.
    public enum Presence: Hashable, Sendable {
        /// From the start; without labels, with the value 0.
        case always
        /// Once it has been used.
        case onceUsed
    }

    /// The name in the exposition, with the unit and, for a counter, `_total`.
    public let name: String
    /// The Prometheus type.
    public let kind: Kind
    /// The HELP text, in one sentence.
    public let help: String
    /// The names of the labels that every series has.
    public let labels: [String]
    /// A histogram's upper bounds, rising, without `+Inf`.
    public let buckets: [Double]
    /// When it is shown without a value.
    public let presence: Presence

    private init(
        _ name: String, _ kind: Kind, help: String, labels: [String], buckets: [Double], presence: Presence
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.buckets = buckets
        self.presence = presence
    }

    /// A value that only grows; its name ends in `_total`.
    public static func counter(
        _ name: String, labels: [String] = [], help: String, presence: Presence = .always
    ) -> Self {
        Self(name, .counter, help: help, labels: labels, buckets: [], presence: presence)
    }

    /// A value that rises and falls.
    public static func gauge(
        _ name: String, labels: [String] = [], help: String, presence: Presence = .always
    ) -> Self {
        Self(name, .gauge, help: help, labels: labels, buckets: [], presence: presence)
    }

    /// A count of values by bucket.
    /// - Parameter buckets: upper bounds in any order, in the metric's unit; bounds that are not finite are ignored.
    public static func histogram(
        _ name: String, labels: [String] = [], buckets: [Double], help: String, presence: Presence = .always
    ) -> Self {
        let bounds = Set(buckets.filter(\.isFinite)).sorted()
        return Self(name, .histogram, help: help, labels: labels, buckets: bounds, presence: presence)
    }
}
