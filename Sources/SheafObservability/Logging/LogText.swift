import Logging
import SheafCore

/// Writes log lines for people.
enum LogText {
    static func line(_ record: LogRecord) -> String {
        let level = record.level.rawValue.uppercased()
        var line = record.time.description
        line += " "
        line += level
        line += String(repeating: " ", count: max(0, 5 - level.utf8.count) + 1)
        append(record.logger, to: &line)
        line += ": "
        append(record.message, to: &line)
        for (key, value) in record.sortedFields {
            line += " "
            append(key, to: &line)
            line += "="
            append(value: value.description, to: &line)
        }
        line += "\n"
        return line
    }

    /// A value, in quotes if its end would otherwise be unclear.
    private static func append(value: String, to line: inout String) {
        let isPlain = !value.isEmpty && !value.utf8.contains { " \"=\\".utf8.contains($0) }
        guard !isPlain else { return append(value, to: &line) }
        line += "\""
        append(value, escaping: true, to: &line)
        line += "\""
    }

    /// Text without control characters, so that it cannot begin a line or control the terminal.
    private static func append(_ text: String, escaping quotes: Bool = false, to line: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case "\"" where quotes, "\\" where quotes:
                line += "\\"
                line.unicodeScalars.append(scalar)
            case _ where scalar.breaksLines:
                line += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: line.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character or a separator of lines or paragraphs.
    var breaksLines: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
