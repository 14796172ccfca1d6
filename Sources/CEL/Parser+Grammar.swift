extension Parser {
    mutating func whole() throws(CELError) -> Syntax {
        if token.kind == .end { throw mistake("the expression is empty; write a condition, such as `data.stars <= 3`") }
        let syntax = try expression()
        guard token.kind == .end else { throw mistake(Advice.unexpected(token)) }
        return syntax
    }

    private mutating func expression() throws(CELError) -> Syntax {
        try enter()
        defer { leave() }
        let condition = try binary(.or)
        let position = token.position
        guard take("?") else { return condition }
        let yes = try binary(.or)
        if isAt("?") { throw mistake(Advice.unexpected(token)) }
        try expect(":", "`?` has to be followed by a value, `:` and another value")
        return try node(.conditional(condition, yes, try expression()), position)
    }

    private enum Infix: Equatable {
        case operation(Operation)
        case connective(Connective)

        var precedence: Precedence {
            switch self {
            case .operation(let operation): operation.precedence
            case .connective(let connective): connective.precedence
            }
        }
    }

    /// The operator at the current position. Words of other languages are reported and read as CEL's operators.
    private mutating func infix() -> Infix? {
        switch token.kind {
        case .word("in"): return .operation(.isIn)
        case .word(let word):
            guard let meant = Advice.foreignOperators[word.lowercased()] else { return nil }
            report("`\(word)` is not an operator of CEL; write `\(meant)`")
            return Self.infix(meant)
        case .symbol(let symbol): return Self.infix(symbol)
        default: return nil
        }
    }

    private static func infix(_ symbol: String) -> Infix? {
        if let connective = Connective(rawValue: symbol) { return .connective(connective) }
        guard let operation = Operation(rawValue: symbol), operation.precedence != .member else { return nil }
        return .operation(operation)
    }

    /// Operands joined by operators of at least this precedence.
    private mutating func binary(_ weakest: Precedence) throws(CELError) -> Syntax {
        var left = try unary()
        while let infix = infix(), infix.precedence >= weakest {
            let position = token.position
            switch infix {
            case .operation(let operation):
                advance()
                let right = try rightOperand(operation.precedence)
                left = try node(.binary(operation, left, right), position)
            case .connective(let connective):
                var operands = [left]
                while self.infix() == infix {
                    advance()
                    operands.append(try rightOperand(connective.precedence))
                }
                left = try node(.logical(connective, operands), position)
            }
        }
        return left
    }

    private mutating func rightOperand(_ precedence: Precedence) throws(CELError) -> Syntax {
        try enter()
        defer { leave() }
        return try binary(precedence.tighter)
    }

    private mutating func unary() throws(CELError) -> Syntax {
        let position = token.position
        if case .word(let word) = token.kind, word.lowercased() == "not" {
            report("`\(word)` is not an operator of CEL; write `!(…)`")
            advance()
            return try operand(of: .not, position)
        }
        if take("!") { return try operand(of: .not, position) }
        guard take("-") else { return try member(of: try primary()) }
        if let literal = try negativeLiteral(position) { return try member(of: literal) }
        return try operand(of: .negate, position)
    }

    private mutating func operand(of operation: UnaryOperation, _ position: CELPosition) throws(CELError) -> Syntax {
        try enter()
        defer { leave() }
        return try node(.unary(operation, try unary()), position)
    }

    /// The sign is part of a number literal, since the smallest integer has no positive counterpart.
    private mutating func negativeLiteral(_ position: CELPosition) throws(CELError) -> Syntax? {
        switch token.kind {
        case .integer(let value):
            advance()
            return try node(.int(Int64(truncatingIfNeeded: 0 &- value)), position)
        case .double(let value):
            advance()
            return try node(.double(-value), position)
        default: return nil
        }
    }

    private mutating func member(of primary: Syntax) throws(CELError) -> Syntax {
        var syntax = primary
        while true {
            let position = token.position
            if take(".") {
                let name = try selector()
                if isAt("(") {
                    syntax = try node(.call(target: syntax, name, try arguments()), position)
                } else {
                    syntax = try node(.select(syntax, name), position)
                }
            } else if take("[") {
                let index = try expression()
                try expect("]", "`]` has to follow the index")
                syntax = try node(.index(syntax, index), position)
            } else {
                return syntax
            }
        }
    }

    private mutating func selector() throws(CELError) -> String {
        guard case .word(let name) = token.kind else {
            throw mistake("a field's name has to follow the `.`, but \(token.text) stands here")
        }
        guard !Advice.keywords.contains(name) else {
            throw mistake("`\(name)` is a word of CEL's own and cannot be a field's name; rename the field")
        }
        advance()
        return name
    }

    private mutating func primary() throws(CELError) -> Syntax {
        let start = token
        if let literal = try literal() {
            advance()
            return try node(literal, start.position)
        }
        switch start.kind {
        case .word(let word):
            if let message = Advice.reserved(word) { throw mistake(message) }
            advance()
            return try node(isAt("(") ? .call(target: nil, word, try arguments()) : .name(word), start.position)
        case .symbol("("):
            advance()
            let inner = try expression()
            try expect(")", "`)` has to close the `(` at \(start.position)")
            return inner
        case .symbol("["):
            return try node(.list(try items("[", "]", allowsComma: true)), start.position)
        default:
            throw mistake(Advice.missing(before: start))
        }
    }

    /// The literal at the current position; nil if there is none.
    private func literal() throws(CELError) -> Syntax.Kind? {
        switch token.kind {
        case .integer(let value):
            guard let value = Int64(exactly: value) else {
                throw mistake("this integer is larger than an int can be, 9223372036854775807")
            }
            return .int(value)
        case .double(let value): return .double(value)
        case .string(let text): return .string(text)
        case .word("true"): return .bool(true)
        case .word("false"): return .bool(false)
        default: return nil
        }
    }

    private mutating func arguments() throws(CELError) -> [Syntax] { try items("(", ")", allowsComma: false) }

    /// Expressions separated by commas in brackets; a list may end with a comma.
    private mutating func items(
        _ open: String, _ close: String, allowsComma: Bool
    ) throws(CELError) -> [Syntax] {
        let start = token.position
        advance()
        var items: [Syntax] = []
        while !take(close) {
            if !items.isEmpty {
                try expect(",", "`,` or `\(close)` has to follow in the `\(open)` at \(start)")
                if allowsComma, take(close) { break }
            }
            items.append(try expression())
        }
        return items
    }
}
