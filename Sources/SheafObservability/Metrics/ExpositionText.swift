import SheafCore

/// Writes the Prometheus text format 0.0.4.
struct ExpositionText {
    private(set) var text = ""

    mutating func header(_ name: String, _ kind: Metric.Kind, help: String) {
        text += "# HELP \(name) "
        MetricSyntax.append(help: help, to: &text)
        text += "\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, suffix: String = "", _ labels: LabelSet, _ value: String) {
        text += name
        text += suffix
        if !labels.text.isEmpty {
            text += "{"
            text += labels.text
            text += "}"
        }
        finish(value)
    }

    /// A histogram's bucket; `count` includes the lower buckets.
    mutating func bucket(_ name: String, _ labels: LabelSet, upTo bound: Double, count: UInt64) {
        text += name
        text += "_bucket{"
        if !labels.text.isEmpty {
            text += labels.text
            text += ","
        }
        text += "le=\""
        text += MetricSyntax.number(bound)
        text += "\"}"
        finish(String(count))
    }

    private mutating func finish(_ value: String) {
        text += " "
        text += value
        text += "\n"
    }
}
