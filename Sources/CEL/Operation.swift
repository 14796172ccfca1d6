/// The operators and functions of two operands; the raw value is their notation.
enum Operation: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case index = "[]"
    case startsWith
    case endsWith
    case contains
}

/// The operators and functions of one operand.
enum UnaryOperation: String, Sendable {
    case negate = "-"
    case not = "!"
    case size
    case timestamp
    case duration
}

/// `&&` and `||`.
enum Connective: String, Sendable {
    case and = "&&"
    case or = "||"

    /// The operand that decides the result, whatever the others are.
    var decisive: Bool { self == .or }
}

/// The precedence of operators, weakest first, from the table in the specification:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
enum Precedence: Int, Comparable {
    case conditional, or, and, relation, addition, multiplication, unary, member

    /// The next stronger precedence.
    var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .member }

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Operation {
    var precedence: Precedence {
        switch self {
        case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn: .relation
        case .add, .subtract: .addition
        case .multiply, .divide, .remainder: .multiplication
        case .index, .startsWith, .endsWith, .contains: .member
        }
    }
}

extension Connective {
    var precedence: Precedence { self == .or ? .or : .and }
}
