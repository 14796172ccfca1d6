/// Checks the types of an expression and compiles it.
struct Checker {
    /// The result of checking a part.
    struct Checked {
        /// Nil if a mistake was found in the part: then no further mistake is reported for it.
        var type: CELType?
        var node: Program.Index
        var facts = Facts.none
    }

    let declarations: CELDeclarations
    var program = Program()
    private(set) var variables: Set<CELVariable> = []
    private var mistakes: [CELError] = []

    init(_ declarations: CELDeclarations) { self.declarations = declarations }

    mutating func compile(_ syntax: Syntax, result: CELType?) throws(CELErrors) -> Program {
        let whole = check(syntax, .nothingKnown)
        if let result, let type = whole.type, type != result {
            report(
                "the expression is of type \(type), but a condition has to be \(result), as `data.stars <= 3` is",
                syntax.leftmost.position)
        }
        guard mistakes.isEmpty else { throw CELErrors(mistakes) }
        return program
    }

    mutating func report(_ message: String, _ position: CELPosition) {
        mistakes.append(CELError(position: position, message: message))
    }

    /// The result for a part with a mistake.
    mutating func mistaken(_ syntax: Syntax) -> Checked {
        Checked(type: nil, node: program.append(.bool(false), at: syntax.position))
    }

    mutating func mistaken(_ syntax: Syntax, _ message: String, at position: CELPosition? = nil) -> Checked {
        report(message, position ?? syntax.position)
        return mistaken(syntax)
    }

    // MARK: - Expressions

    /// - Parameter known: The optional fields that are known to be present when this part is evaluated.
    mutating func check(_ syntax: Syntax, _ known: Presence) -> Checked {
        // No more mistakes would be reported, and writing messages takes longer than finding mistakes.
        guard mistakes.count < CELExpression.maximumErrors else { return mistaken(syntax) }
        return switch syntax.kind {
        case .int(let value): literal(.int(value), .int, syntax)
        case .double(let value): literal(.double(value), .double, syntax)
        case .string(let value): literal(.string(value), .string, syntax)
        case .bool(let value): literal(.bool(value), .bool, syntax, .literal(value))
        case .name(let name): self.name(name, syntax)
        case .select(let operand, let field): select(operand, field, syntax, known)
        case .list(let elements): list(elements, syntax, known)
        case .index(let list, let index): self.index(list, index, syntax, known)
        case .unary(let operation, let operand): unary(operation, operand, syntax, known)
        case .binary(let operation, let left, let right): binary(operation, left, right, syntax, known)
        case .logical(let connective, let operands): logical(connective, operands, syntax, known)
        case .conditional(let condition, let yes, let no): conditional(condition, yes, no, syntax, known)
        case .call(let target, let function, let arguments): call(target, function, arguments, syntax, known)
        }
    }

    private mutating func literal(
        _ value: CELValue, _ type: CELType, _ syntax: Syntax, _ facts: Facts = .none
    ) -> Checked {
        Checked(type: type, node: program.append(value, at: syntax.position), facts: facts)
    }

    private mutating func list(_ elements: [Syntax], _ syntax: Syntax, _ known: Presence) -> Checked {
        var type = CELType.nothing
        var nodes: [Program.Index] = []
        var isSound = true
        for element in elements {
            let checked = check(element, known)
            nodes.append(checked.node)
            guard let found = checked.type else {
                isSound = false
                continue
            }
            if let joined = type.joined(with: found) {
                type = joined
            } else if isSound {
                report(
                    "a list's elements have one type, but the first is \(type) and this is \(found)\(numberHint(element, found, wanted: type))",
                    element.leftmost.position)
                isSound = false
            }
        }
        guard isSound else { return mistaken(syntax) }
        return folded(.list(type), .list(program.append(parts: nodes)), nodes, syntax)
    }

    private mutating func logical(
        _ connective: Connective, _ operands: [Syntax], _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        var known = known
        var facts: Facts?
        var nodes: [Program.Index] = []
        var isSound = true
        for operand in operands {
            let checked = check(operand, known)
            isSound = expect(.bool, checked, operand, "`\(connective.rawValue)`") && isSound
            nodes.append(checked.node)
            known.formUnion(checked.facts.known(after: connective))
            facts = facts?.joined(connective, checked.facts) ?? checked.facts
        }
        guard isSound else { return mistaken(syntax) }
        let node = program.append(.logical(connective, program.append(parts: nodes)), at: syntax.position)
        return Checked(type: .bool, node: node, facts: facts ?? .none)
    }

    private mutating func conditional(
        _ condition: Syntax, _ yes: Syntax, _ no: Syntax, _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        let checked = check(condition, known)
        let isSound = expect(.bool, checked, condition, "`?:`")
        let left = check(yes, known.union(checked.facts.ifTrue))
        let right = check(no, known.union(checked.facts.ifFalse))
        guard isSound, let leftType = left.type, let rightType = right.type else { return mistaken(syntax) }
        guard let type = leftType.joined(with: rightType) else {
            return mistaken(
                syntax,
                "both values of `?:` have to be of one type, but `\(yes.quote)` is \(leftType) and `\(no.quote)` is \(rightType)"
                    + (numberHint(yes, leftType, wanted: rightType) + numberHint(no, rightType, wanted: leftType)))
        }
        let node = program.append(.conditional(checked.node, left.node, right.node), at: syntax.position)
        return Checked(type: type, node: node, facts: .choice(checked.facts, left.facts, right.facts))
    }

    /// Reports an operand of another type. Also returns false if a mistake was reported before.
    mutating func expect(_ type: CELType, _ checked: Checked, _ operand: Syntax, _ what: String) -> Bool {
        guard let found = checked.type else { return false }
        if found == type { return true }
        report("\(what) takes a \(type), but `\(operand.quote)` is \(found)", operand.leftmost.position)
        return false
    }

    /// The node, or its value if all its parts are constants and it has one.
    mutating func folded(
        _ type: CELType, _ node: Program.Node, _ parts: [Program.Index], _ syntax: Syntax
    ) -> Checked {
        let index = program.append(node, at: syntax.position)
        guard parts.allSatisfy({ program.constant(at: $0) != nil }) else { return Checked(type: type, node: index) }
        var steps = CELExpression.maximumSteps
        do throws(CELRuntimeError) {
            let value = try program.value(index, { _ in nil }, &steps)
            return Checked(type: type, node: program.append(value, at: syntax.position))
        } catch {
            // A bad literal is always a mistake; a division by zero may be in a branch that is not evaluated.
            guard error.reason == .badTimestamp || error.reason == .badDuration else {
                return Checked(type: type, node: index)
            }
            return mistaken(syntax, Advice.badLiteral(error.reason, syntax))
        }
    }

    // MARK: - Variables

    private mutating func name(_ name: String, _ syntax: Syntax) -> Checked {
        guard let (variable, type) = CELDeclarations.topLevel[name] else {
            return mistaken(syntax, Advice.unknownName(name, declarations))
        }
        variables.insert(variable)
        return Checked(type: type, node: program.append(.variable(variable), at: syntax.position))
    }

    /// The index of the field that `data.F` names; nil, after a report, if there is none.
    mutating func place(_ operand: Syntax, _ field: String, _ syntax: Syntax) -> Int? {
        guard case .name("data") = operand.kind else {
            if case .name(let name) = operand.kind, CELDeclarations.topLevel[name] == nil {
                report(Advice.unknownName(name, declarations), operand.position)
            } else {
                report(Advice.fieldless(operand, field), operand.leftmost.position)
            }
            return nil
        }
        guard let place = declarations.place(of: field) else {
            report(Advice.unknownField(field, declarations), operand.position)
            return nil
        }
        variables.insert(.field(place))
        return place
    }

    private mutating func select(
        _ operand: Syntax, _ field: String, _ syntax: Syntax, _ known: Presence
    ) -> Checked {
        guard let place = place(operand, field, syntax) else { return mistaken(syntax) }
        let declared = declarations.fields[place]
        guard !declared.isOptional || known.contains(place) else {
            return mistaken(
                syntax, "`data.\(field)` may be absent; write `has(data.\(field)) && …` before it", at: operand.position
            )
        }
        return Checked(type: declared.type, node: program.append(.variable(.field(place)), at: operand.position))
    }
}
