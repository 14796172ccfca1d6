/// A parsed expression, with its position. Positions do not count for equality.
struct Syntax: Equatable {
    indirect enum Kind: Equatable {
        case int(Int64)
        case double(Double)
        case string(String)
        case bool(Bool)
        case name(String)
        case list([Syntax])
        case select(Syntax, String)
        /// `f(…)` or `target.f(…)`.
        case call(target: Syntax?, String, [Syntax])
        case index(Syntax, Syntax)
        case unary(UnaryOperation, Syntax)
        case binary(Operation, Syntax, Syntax)
        /// Two or more operands: a long chain of `||` is not deep.
        case logical(Connective, [Syntax])
        case conditional(Syntax, Syntax, Syntax)
    }

    let kind: Kind
    let position: CELPosition
    /// One more than that of the deepest part.
    let depth: Int

    init(_ kind: Kind, at position: CELPosition) {
        self.kind = kind
        self.position = position
        depth = 1 + (kind.parts.map(\.depth).max() ?? 0)
    }

    static func == (left: Self, right: Self) -> Bool { left.kind == right.kind }
}

extension Syntax.Kind {
    var parts: [Syntax] {
        switch self {
        case .int, .double, .string, .bool, .name: []
        case .list(let parts), .logical(_, let parts): parts
        case .select(let part, _), .unary(_, let part): [part]
        case .call(let target, _, let arguments): (target.map { [$0] } ?? []) + arguments
        case .index(let left, let right), .binary(_, let left, let right): [left, right]
        case .conditional(let condition, let yes, let no): [condition, yes, no]
        }
    }
}

// MARK: - Printing

extension Syntax: CustomStringConvertible {
    /// The expression with the minimum of parentheses; parsing it again gives the same expression.
    var description: String {
        switch kind {
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let text): Self.quoted(text)
        case .bool(let value): "\(value)"
        case .name(let name): name
        case .list(let elements): "[\(Self.joined(elements))]"
        case .select(let operand, let name): "\(operand.text(.member)).\(name)"
        case .call(let target, let name, let arguments):
            (target.map { $0.text(.member) + "." } ?? "") + "\(name)(\(Self.joined(arguments)))"
        case .index(let list, let index): "\(list.text(.member))[\(index)]"
        case .unary(let operation, let operand):
            operation.rawValue + (operand.isUnsignedNumber ? "(\(operand))" : operand.text(.unary))
        case .binary(let operation, let left, let right):
            "\(left.text(operation.precedence)) \(operation.rawValue) \(right.text(operation.precedence.tighter))"
        case .logical(let connective, let operands):
            operands.map { $0.text(connective.precedence.tighter) }.joined(separator: " \(connective.rawValue) ")
        case .conditional(let condition, let yes, let no):
            "\(condition.text(.or)) ? \(yes.text(.or)) : \(no)"
        }
    }

    /// The expression as an operand of an operator with this precedence.
    private func text(_ outer: Precedence) -> String { precedence < outer ? "(\(self))" : description }

    private var precedence: Precedence {
        switch kind {
        case .conditional: .conditional
        case .logical(let connective, _): connective.precedence
        case .binary(let operation, _, _): operation.precedence
        case .unary: .unary
        case .int(let value): value < 0 ? .unary : .member
        case .double(let value): value.sign == .minus ? .unary : .member
        default: .member
        }
    }

    /// A minus sign before it would become part of the literal.
    private var isUnsignedNumber: Bool {
        switch kind {
        case .int(let value): value >= 0
        case .double(let value): value.sign == .plus
        default: false
        }
    }

    private static func joined(_ parts: [Syntax]) -> String { parts.map(\.description).joined(separator: ", ") }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\x\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
