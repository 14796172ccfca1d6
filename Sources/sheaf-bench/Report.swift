import Foundation

/// The figures, as a table and as JSON.
struct Report {
    enum Target {
        case atLeast(Double)
        case atMost(Double)
    }

    private struct Row: Encodable {
        let name: String
        let value: Double
        let unit: String
        let target: String?
        let met: Bool?
    }

    private var rows: [Row] = []

    /// Adds a figure and prints it.
    mutating func add(_ name: String, _ value: Double, _ unit: String, target: Target? = nil) {
        let (text, met): (String?, Bool?) =
            switch target {
            case .atLeast(let bound): ("≥ \(Self.text(bound))", value >= bound)
            case .atMost(let bound): ("≤ \(Self.text(bound))", value <= bound)
            case nil: (nil, nil)
            }
        rows.append(Row(name: name, value: value, unit: unit, target: text, met: met))
        let columns = [
            name.padding(toLength: 46, withPad: " ", startingAt: 0), Self.text(value).leftPadded(to: 10), " ",
            unit.padding(toLength: 12, withPad: " ", startingAt: 0), text ?? "",
            met.map { $0 ? "  met" : "  MISSED" } ?? "",
        ]
        FileHandle.standardOutput.write(Data((columns.joined() + "\n").utf8))
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try FileManager.default.createDirectory(atPath: ".build", withIntermediateDirectories: true)
        try encoder.encode(["rows": rows]).write(to: URL(fileURLWithPath: path))
    }

    private static func text(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String(Double(Int(value * 1000)) / 1000)
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
