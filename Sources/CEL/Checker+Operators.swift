extension Checker {
    mutating func unary(
        _ operation: UnaryOperation, _ operand: Syntax, _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        let checked = check(operand, known)
        guard let type = checked.type else { return mistaken(syntax) }
        guard let result = Self.result(of: operation, type) else {
            return mistaken(syntax, Self.complaint(operation, operand, type), at: operand.leftmost.position)
        }
        var folded = folded(result, .unary(operation, checked.node), [checked.node], syntax)
        if operation == .not { folded.facts = checked.facts.negated }
        return folded
    }

    /// The type of the result; nil if the operation does not accept the type.
    private static func result(of operation: UnaryOperation, _ type: CELType) -> CELType? {
        switch (operation, type) {
        case (.not, .bool), (.negate, .int), (.negate, .double): type
        case (.size, .string), (.size, .list): .int
        case (.timestamp, .timestamp), (.timestamp, .string), (.timestamp, .int): .timestamp
        case (.duration, .duration), (.duration, .string): .duration
        default: nil
        }
    }

    private static func complaint(_ operation: UnaryOperation, _ operand: Syntax, _ type: CELType) -> String {
        let takes =
            switch operation {
            case .not: "`!` takes a bool"
            case .negate: "`-` takes an int or a double"
            case .size: "`size` takes a string or a list"
            case .timestamp:
                "`timestamp` takes a string, as in timestamp(\"2026-01-31T12:00:00Z\"), or an int of seconds"
            case .duration: "`duration` takes a string, as in duration(\"1h30m\")"
            }
        return "\(takes), but `\(operand.quote)` is \(type)"
    }

    mutating func index(_ list: Syntax, _ index: Syntax, _ syntax: Syntax, _ known: Presence) -> Checked {
        if case .name("data") = list.kind {
            return mistaken(syntax, "fields are written `data.F`, not `data[…]`", at: list.position)
        }
        let left = check(list, known)
        let right = check(index, known)
        guard let type = left.type, right.type != nil else { return mistaken(syntax) }
        guard case .list(let element) = type else {
            return mistaken(
                syntax, "only a list has an index, but `\(list.quote)` is \(type)", at: list.leftmost.position)
        }
        guard expect(.int, right, index, "an index") else { return mistaken(syntax) }
        guard element != .nothing else {
            return mistaken(syntax, "an empty list has no elements", at: list.leftmost.position)
        }
        return folded(element, .binary(.index, left.node, right.node), [left.node, right.node], syntax)
    }

    mutating func binary(
        _ operation: Operation, _ left: Syntax, _ right: Syntax, _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        let first = check(left, known)
        let second = check(right, known)
        guard let leftType = first.type, let rightType = second.type else { return mistaken(syntax) }
        guard let result = operation.result(leftType, rightType) else {
            return mistaken(syntax, complaint(operation, left, leftType, right, rightType))
        }
        if let message = impossible(operation, left, right) ?? impossible(operation, right, left) {
            return mistaken(syntax, message)
        }
        return folded(result, .binary(operation, first.node, second.node), [first.node, second.node], syntax)
    }

    /// The message for an enumeration compared with a value that it never has.
    private func impossible(_ operation: Operation, _ field: Syntax, _ other: Syntax) -> String? {
        guard case .select(_, let name) = field.kind, let place = declarations.place(of: name),
            let values = declarations.fields[place].values
        else { return nil }
        let literals: [Syntax]
        switch (operation, other.kind) {
        case (.equal, _), (.unequal, _): literals = [other]
        case (.isIn, .list(let elements)): literals = elements
        default: return nil
        }
        for case .string(let text) in literals.map(\.kind) where !values.contains(where: { $0.isSame(as: text) }) {
            let hint = Advice.nearest(to: text, among: values).map { "; did you mean \(Syntax.quoted($0))?" } ?? ""
            return "`data.\(name)` is never \(Advice.shortened(Syntax.quoted(text))): its values are "
                + Advice.listed(values.map(Syntax.quoted)) + hint
        }
        return nil
    }

    // MARK: - Mistakes

    private func complaint(
        _ operation: Operation, _ left: Syntax, _ leftType: CELType, _ right: Syntax, _ rightType: CELType
    ) -> String {
        let sides = "`\(left.quote)` is \(leftType) and `\(right.quote)` is \(rightType)"
        if operation == .isIn {
            switch rightType {
            case .string:
                return "`in` takes a list; write `\(right.quote).contains(\(left.quote))` to look into a string"
            case .list(let element):
                let hint = hint(left, leftType, right.firstElement ?? right, element)
                return "`in` looks for what the list's elements are, but \(sides)\(hint)"
            default: return "`in` takes a list, as in `data.F in [\"a\", \"b\"]`, but \(sides)"
            }
        }
        if leftType == .bool, case .binary(let inner, _, let middle) = left.kind, inner.isOrdering, operation.isOrdering
        {
            return
                "comparisons do not chain; write `\(left.quote) && \(middle.quote) \(operation.rawValue) \(right.quote)`"
        }
        if operation == .remainder, leftType == .double || rightType == .double {
            return "`%` takes whole numbers (int), but \(sides)"
        }
        if leftType == rightType {
            return operation.precedence == .relation
                ? "`\(operation.rawValue)` cannot order values of type \(leftType)"
                : "`\(operation.rawValue)` does not take values of type \(leftType)"
        }
        let rule =
            operation.precedence == .relation
            ? "`\(operation.rawValue)` compares values of one type"
            : "`\(operation.rawValue)` does not take these together"
        return "\(rule), but \(sides)\(hint(left, leftType, right, rightType))"
    }

    /// How to convert one side to the type of the other, as the end of a sentence; may be empty. Prefers changing a
    /// literal over changing a declaration.
    private func hint(_ left: Syntax, _ leftType: CELType, _ right: Syntax, _ rightType: CELType) -> String {
        let hints = [hint(left, leftType, wanted: rightType), hint(right, rightType, wanted: leftType)]
        return hints.first { $0.contains("write") } ?? hints[0]
    }

    /// How to convert the operand to the type of the other side, as the end of a sentence; may be empty.
    private func hint(_ operand: Syntax, _ type: CELType, wanted: CELType) -> String {
        switch (type, wanted) {
        case (.int, .duration):
            if case .int(let seconds) = operand.kind { "; write `duration(\"\(seconds)s\")`" } else { "" }
        case (.string, .timestamp): "; write `timestamp(\(operand.quote))`"
        case (.string, .duration): "; write `duration(\(operand.quote))`"
        case (.string, .int), (.string, .double):
            if case .string(let text) = operand.kind, Double(text) != nil {
                "; write the number without quotes"
            } else {
                ""
            }
        case (.string, .bool):
            if case .string(let text) = operand.kind, text == "true" || text == "false" {
                "; write `\(text)` without quotes"
            } else {
                ""
            }
        default: numberHint(operand, type, wanted: wanted)
        }
    }

    /// How to convert the operand to the other number type, as the end of a sentence; may be empty.
    func numberHint(_ operand: Syntax, _ type: CELType, wanted: CELType) -> String {
        switch (operand.kind, type, wanted) {
        case (.int(let value), .int, .double): "; write `\(value).0`"
        case (.double(let value), .double, .int):
            Int64(exactly: value).map { "; write `\($0)`" }
                ?? "; write a whole number, as integers and numbers do not mix"
        case (.list(let elements), .list(.int), .list(.double)):
            elements.first.map { numberHint($0, .int, wanted: .double) } ?? ""
        case (.select, .int, .double), (.select, .double, .int):
            "; integers and numbers do not mix: declare both fields alike"
        case (_, .int, .double), (_, .double, .int): "; integers and numbers do not mix"
        default: ""
        }
    }
}

extension Operation {
    var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    /// The type of the result, by the overloads of the specification; nil if there is none:
    /// https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions
    func result(_ left: CELType, _ right: CELType) -> CELType? {
        switch (self, left, right) {
        case (.equal, _, _), (.unequal, _, _): left.joined(with: right) == nil ? nil : .bool
        case (.isIn, _, .list(let element)): left.joined(with: element) == nil ? nil : .bool
        case (.add, .list, .list): left.joined(with: right)
        case (.add, .string, .string): .string
        case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration):
            .timestamp
        case (.subtract, .timestamp, .timestamp): .duration
        case (.add, .duration, .duration), (.subtract, .duration, .duration): .duration
        case (.add, .int, .int), (.subtract, .int, .int), (.multiply, .int, .int), (.divide, .int, .int),
            (.remainder, .int, .int):
            .int
        case (.add, .double, .double), (.subtract, .double, .double), (.multiply, .double, .double),
            (.divide, .double, .double):
            .double
        case (.startsWith, .string, .string), (.endsWith, .string, .string), (.contains, .string, .string): .bool
        default: isOrdering && left == right && left.isOrdered ? .bool : nil
        }
    }
}

extension CELType {
    fileprivate var isOrdered: Bool {
        switch self {
        case .list, .nothing: false
        default: true
        }
    }
}

extension Syntax {
    fileprivate var firstElement: Syntax? { if case .list(let elements) = kind { elements.first } else { nil } }
}
