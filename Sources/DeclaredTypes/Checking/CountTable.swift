internal import Foundation
internal import MessageFormat
internal import SheafCore

extension TypeDeclaration {
    /// The counts for which texts are shown.
    public static let shownCounts = [0, 1, 2, 5, 21]

    /// Every text for the counts 0, 1, 2, 5 and 21. Each count variable has that number; other variables show their
    /// names.
    public func countTable() -> String {
        var lines: [String] = []
        for texts in texts {
            for part in TypeTexts.Part.allCases {
                guard let message = texts.messages[part]?.message else { continue }
                lines.append("\(name) \(texts.language.text) \(part.rawValue)")
                // A text without a count is the same for all counts.
                let counts = message.arguments.contains { isCount($0.name) } ? Self.shownCounts : []
                guard !counts.isEmpty else {
                    lines.append("      " + text(message, count: 1))
                    continue
                }
                for count in counts {
                    let padding = String(repeating: " ", count: max(0, 4 - String(count).count))
                    lines.append("\(padding)\(count)  " + text(message, count: count))
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    private func isCount(_ name: String) -> Bool {
        guard let variable = variables[name] else { return false }
        return variable.shape(fields) == .number
    }

    private func text(_ message: Message, count: Int) -> String {
        let text = message.format(timeZone: .gmt) { name in
            let variable = variables[name]
            return switch variable?.shape(fields) {
            // What a list of this many values leaves out.
            case .number where variable?.isMore == true: .integer(Int64(max(0, count - FieldSummary.listed)))
            case .number: .integer(Int64(count))
            case .time: .time(Date(TypeExample.usualNow))
            case .list: .list(Array(repeating: "‹\(name)›", count: min(count, FieldSummary.listed)))
            case .text: .text("‹\(name)›")
            case nil: nil
            }
        }
        return text.replacing("\n", with: "\n      ")
    }
}

extension TextVariable {
    fileprivate var isMore: Bool {
        if case .more = self { true } else { false }
    }
}
