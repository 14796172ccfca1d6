internal import MessageFormat

/// What the texts of one language need from a window, computed once.
struct TextPlan: Sendable {
    /// The needs by field index.
    private(set) var fields: [Int: FieldSummary.Needs] = [:]
    /// Whether a text has `lines`.
    private(set) var usesLines = false
    /// Variables that an address uses as a number, which are then passed as numbers.
    private(set) var numbersInURL: Set<String> = []

    init(_ texts: TypeTexts, of type: TextVariables, distinct: Int?) {
        for (part, text) in texts.messages where part != .line {
            for argument in text.message.arguments {
                guard let variable = type[argument.name] else { continue }
                need(variable, distinct: distinct)
                if part == .url, argument.use != .plain { numbersInURL.insert(argument.name) }
            }
        }
    }

    private mutating func need(_ variable: TextVariable, distinct: Int?) {
        switch variable {
        case .count: if let distinct { fields[distinct, default: []].insert(.distinct) }
        case .events, .recipient, .returned: break
        case .lines: usesLines = true
        case .key(let index), .last(let index): fields[index, default: []].insert(.last)
        case .first(let index): fields[index, default: []].insert(.first)
        case .distinctCount(let index), .more(let index): fields[index, default: []].insert(.distinct)
        case .sum(let index): fields[index, default: []].insert(.sum)
        case .list(let index): fields[index, default: []].insert(.latest)
        }
    }
}
