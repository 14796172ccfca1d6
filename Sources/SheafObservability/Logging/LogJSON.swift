import Logging
import SheafCore

/// Writes log lines for machines (RFC 8259). A metadata value is a string, or an array or object of them.
enum LogJSON {
    static func line(_ record: LogRecord) -> String {
        var line = "{"
        append("time", record.time.description, to: &line)
        line += ","
        append("level", record.level.rawValue, to: &line)
        line += ","
        append("logger", record.logger, to: &line)
        line += ","
        append("message", record.message, to: &line)
        line += ",\"fields\":"
        append(object: record.fields, to: &line)
        line += "}\n"
        return line
    }

    private static func append(_ name: String, _ value: String, to line: inout String) {
        append(string: name, to: &line)
        line += ":"
        append(string: value, to: &line)
    }

    private static func append(value: Logger.MetadataValue, to line: inout String) {
        switch value {
        case .string(let text): append(string: text, to: &line)
        case .stringConvertible(let value): append(string: value.description, to: &line)
        case .dictionary(let members): append(object: members, to: &line)
        case .array(let elements):
            line += "["
            for (index, element) in elements.enumerated() {
                line += index == 0 ? "" : ","
                append(value: element, to: &line)
            }
            line += "]"
        }
    }

    private static func append(object members: Logger.Metadata, to line: inout String) {
        line += "{"
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            line += index == 0 ? "" : ","
            append(string: member.key, to: &line)
            line += ":"
            append(value: member.value, to: &line)
        }
        line += "}"
    }

    private static func append(string: String, to line: inout String) {
        line += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            // JSON requires escapes only for U+0000 to U+001F, but some readers end a line at the others too.
            case _ where scalar.breaksLines:
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
