/// A part of a parsed message.
indirect enum MessageNode: Sendable {
    case text(String)
    case argument(String)
    case number(String, NumberStyle)
    case time(String, TimeStyle)
    /// `#`: the number of the innermost plural, minus its offset.
    case count
    case plural(MessagePlural)
    case select(MessageSelect)
}

/// How a number is printed.
enum NumberStyle: Hashable, Sendable {
    case plain, integer, percent
    case currency(String)
}

/// How a time is printed.
enum TimeStyle: Hashable, Sendable {
    /// Date and time of a plain argument.
    case plain
    case date(TimeLength)
    case time(TimeLength)
    case skeleton(String)
}

enum TimeLength: String, Hashable, Sendable, CaseIterable {
    case short, medium, long, full
}

/// A plural, or a selectordinal.
struct MessagePlural: Sendable {
    struct Exact: Sendable {
        let value: Double
        let nodes: [MessageNode]
    }

    let argument: String
    let kind: PluralKind
    let rules: PluralRules
    let offset: Double
    /// Branches for exact values, which are compared before the offset is subtracted.
    let exact: [Exact]
    /// The branches for categories except `other`.
    let categories: [(category: PluralCategory, nodes: [MessageNode])]
    let other: [MessageNode]
    /// The number's format; the printed digits decide its category.
    let style: NumberStyle

    subscript(_ category: PluralCategory) -> [MessageNode]? {
        for branch in categories where branch.category == category { return branch.nodes }
        return category == .other ? other : nil
    }
}

struct MessageSelect: Sendable {
    let argument: String
    let branches: [String: [MessageNode]]
    let other: [MessageNode]
}
