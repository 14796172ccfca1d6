/// The labels of a series in canonical form: sorted by name, escaped, `outcome="ok",type="sale"`.
struct LabelSet: Hashable, Comparable, Sendable {
    let text: String

    static let none = LabelSet([])

    /// Prometheus treats an empty value as a missing label, so it is left out. Of two labels with the same name the
    /// first counts.
    init(_ dimensions: [(String, String)]) {
        guard !dimensions.isEmpty else {
            text = ""
            return
        }
        let labels = dimensions.filter { !$0.1.isEmpty }
            .map { (name: MetricSyntax.labelName($0.0), value: $0.1) }
            .sorted { $0.name < $1.name }
        var text = ""
        var previous: String?
        for label in labels where label.name != previous {
            text += previous == nil ? "" : ","
            text += label.name
            text += "=\""
            MetricSyntax.append(labelValue: label.value, to: &text)
            text += "\""
            previous = label.name
        }
        self.text = text
    }

    /// The same labels, each with the value `other`.
    static func other(_ dimensions: [(String, String)]) -> LabelSet {
        LabelSet(dimensions.filter { !$0.1.isEmpty }.map { ($0.0, "other") })
    }

    static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
