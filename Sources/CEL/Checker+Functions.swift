extension Checker {
    mutating func call(
        _ target: Syntax?, _ function: String, _ arguments: [Syntax], _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        if function == "has", target == nil { return has(arguments, syntax) }
        if let operation = Operation(function: function) {
            guard let target, arguments.count == 1 else {
                return mistaken(syntax, "`\(function)` is written `text.\(function)(\"…\")`")
            }
            return method(operation, target, arguments[0], syntax, known)
        }
        guard let operation = UnaryOperation(function: function) else {
            return mistaken(syntax, Advice.unknownFunction(function))
        }
        // Only `size` can be called as a method too.
        let operands = (operation == .size ? target.map { [$0] } ?? [] : []) + arguments
        guard operands.count == 1, target == nil || operation == .size else {
            return mistaken(syntax, "`\(function)` is written `\(function)(…)`, with one value")
        }
        return unary(operation, operands[0], syntax, known)
    }

    private mutating func has(_ arguments: [Syntax], _ syntax: Syntax) -> Checked {
        guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
            return mistaken(syntax, Advice.badPresenceTest(arguments.first))
        }
        guard let place = place(operand, field, arguments[0]) else { return mistaken(syntax) }
        guard declarations.fields[place].isOptional else {
            return Checked(type: .bool, node: program.append(.bool(true), at: syntax.position), facts: .literal(true))
        }
        let node = program.append(.isPresent(.field(place)), at: syntax.position)
        return Checked(type: .bool, node: node, facts: .has(place))
    }

    private mutating func method(
        _ operation: Operation, _ target: Syntax, _ argument: Syntax, _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        let left = check(target, known)
        let right = check(argument, known)
        if operation == .contains, case .list = left.type {
            return mistaken(
                syntax,
                "`contains` looks into strings; write `\(argument.quote) in \(target.quote)` to look into a list")
        }
        let isString = expect(.string, left, target, "`\(operation.rawValue)`")
        guard expect(.string, right, argument, "`\(operation.rawValue)`"), isString else { return mistaken(syntax) }
        return folded(.bool, .binary(operation, left.node, right.node), [left.node, right.node], syntax)
    }
}

extension Operation {
    fileprivate init?(function: String) {
        switch function {
        case "startsWith": self = .startsWith
        case "endsWith": self = .endsWith
        case "contains": self = .contains
        default: return nil
        }
    }
}

extension UnaryOperation {
    fileprivate init?(function: String) {
        switch function {
        case "size": self = .size
        case "timestamp": self = .timestamp
        case "duration": self = .duration
        default: return nil
        }
    }
}

extension Syntax {
    /// The leftmost part of the expression.
    var leftmost: Syntax {
        switch kind {
        case .select(let part, _), .index(let part, _), .binary(_, let part, _), .conditional(let part, _, _):
            part.leftmost
        case .call(let target, _, _): target?.leftmost ?? self
        case .logical(_, let parts): parts.first?.leftmost ?? self
        default: self
        }
    }

    /// The expression as quoted in messages.
    var quote: String { Advice.shortened(description) }
}
