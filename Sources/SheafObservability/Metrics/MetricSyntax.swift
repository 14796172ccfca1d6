import SheafCore

/// The syntax of names, label values and numbers in the Prometheus text format 0.0.4.
enum MetricSyntax {
    /// The maximum length of a label value, in Unicode scalars: values may come from outside.
    static let maximumValueLength = 200

    /// A metric's name in the allowed characters; counters end in `_total`.
    static func metricName(_ name: String, kind: Metric.Kind) -> String {
        let clean = cleaned(name, allowsColon: true)
        return kind == .counter && !clean.hasSuffix("_total") ? clean + "_total" : clean
    }

    /// A label's name in the allowed characters, without Prometheus's reserved names.
    static func labelName(_ name: String) -> String {
        let clean = cleaned(name, allowsColon: false)
        return clean == "le" || clean == "quantile" || clean.hasPrefix("__") ? "exported_" + clean : clean
    }

    private static func cleaned(_ name: String, allowsColon: Bool) -> String {
        func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            case ":": allowsColon
            default: false
            }
        }
        let startsWell = name.unicodeScalars.first.map { !("0"..."9").contains($0) } ?? false
        if startsWell, name.unicodeScalars.allSatisfy(isAllowed) { return name }
        var clean = String.UnicodeScalarView(startsWell ? [] : ["_"])
        clean.append(contentsOf: name.unicodeScalars.map { isAllowed($0) ? $0 : "_" })
        return String(clean)
    }

    /// Appends a label value in the form between quotes.
    static func append(labelValue value: String, to text: inout String) {
        let isPlain = value.utf8.count <= maximumValueLength && !value.utf8.contains { "\"\\\n\0".utf8.contains($0) }
        guard !isPlain else { return text += value }
        for scalar in value.unicodeScalars.prefix(maximumValueLength) {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            // Parsers of the format treat it as the end of the text.
            case "\0": text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Appends a HELP text, in which quotes need no escape.
    static func append(help: String, to text: inout String) {
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// A sample's value, whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return String(value)
    }
}
