import CoreMetrics
import Logging
public import SheafCore
import Synchronization

/// The metrics of the process: a backend for swift-metrics that exposes them in the Prometheus text format 0.0.4.
///
/// A metric always has the type of its description: a `Timer` of a metric described as a gauge sets the gauge. The
/// description also decides the HELP text and a histogram's buckets. A metric without a description gets the type with
/// which it is first created. Timers count seconds.
public final class PrometheusRegistry: Sendable {
    /// The media type of ``exposition()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var families: [String: MetricFamily] = [:]
        /// Metrics that were created in a way that their type does not support; each is warned of once.
        var conflicts: Set<String> = []
    }

    private let descriptions: [String: Metric]
    private let seriesLimit: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - descriptions: the known metrics; of two with the same name the first counts.
    ///   - seriesLimit: the maximum series of a metric; further ones share one that is labelled `other`.
    public init(_ descriptions: [Metric] = Metric.all, seriesLimit: Int = 1000) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
        self.seriesLimit = seriesLimit
        var state = State()
        for description in self.descriptions.values where description.presence == .always {
            let family = MetricFamily(description, seriesLimit: seriesLimit)
            if description.labels.isEmpty { family.showZero() }
            state.families[description.name] = family
        }
        self.state = Mutex(state)
    }

    private static let installed: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()

    /// Makes a registry of Sheaf's metrics the backend of swift-metrics for the whole process.
    /// - Returns: the registry; the same one each time.
    public static func bootstrap() -> PrometheusRegistry { installed }

    /// All current metrics, sorted by name, followed by those of the process.
    public func exposition() -> String {
        let families = state.withLock { Array($0.families.values) }
        var text = ExpositionText()
        for family in families.sorted(by: { $0.description.name < $1.description.name }) {
            family.expose(to: &text)
        }
        ProcessStatistics.current()?.expose(to: &text)
        return text.text
    }

    /// The family of a metric, created on first use with `kind` if it has no description.
    func family(_ label: String, _ kind: Metric.Kind) -> MetricFamily {
        let name = MetricSyntax.metricName(label, kind: kind)
        return state.withLock { state in
            if let family = state.families[name] { return family }
            let description = descriptions[name] ?? .undescribed(name, kind)
            let family = MetricFamily(description, seriesLimit: seriesLimit)
            state.families[name] = family
            return family
        }
    }

    /// Warns once for each metric whose counts are not shown.
    func reportConflict(_ family: MetricFamily, madeAs maker: String) {
        let name = family.description.name
        guard state.withLock({ $0.conflicts.insert(name).inserted }) else { return }
        Logger(label: "sheaf.metrics").warning(
            "a metric was created as another type than its own, and is not shown",
            metadata: ["metric": "\(name)", "type": "\(family.description.kind)", "made_as": "\(maker)"])
    }
}

extension Metric {
    /// The description of a metric without one.
    fileprivate static func undescribed(_ name: String, _ kind: Kind) -> Metric {
        let help = "A \(kind.rawValue) that has no description."
        return switch kind {
        case .counter: counter(name, help: help)
        case .gauge: gauge(name, help: help)
        case .histogram:
            // By the unit in its name.
            histogram(name, buckets: name.hasSuffix("_seconds") ? Buckets.durations : Buckets.counts, help: help)
        }
    }
}
