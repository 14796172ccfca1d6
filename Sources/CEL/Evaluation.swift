/// One evaluation of a program.
struct Evaluation {
    typealias Lookup = (CELVariable) -> CELValue?

    private let program: Program
    private var steps = CELExpression.maximumSteps

    init(_ program: Program) { self.program = program }

    /// The value of a node that is a bool.
    mutating func truth(_ index: Program.Index, _ lookup: Lookup) throws(CELRuntimeError) -> Bool {
        guard case .bool(let value) = try value(index, lookup) else { throw error(.wrongType, index) }
        return value
    }

    mutating func value(_ index: Program.Index, _ lookup: Lookup) throws(CELRuntimeError) -> CELValue {
        try spend(1, index)
        switch program.nodes[index] {
        case .constant(let place):
            return program.constants[place]
        case .variable(let variable):
            guard let value = lookup(variable) else { throw error(.absent, index) }
            return value
        case .isPresent(let variable):
            return .bool(lookup(variable) != nil)
        case .logical(let connective, let parts):
            return .bool(try logical(connective, parts, lookup))
        case .conditional(let condition, let yes, let no):
            return try value(try truth(condition, lookup) ? yes : no, lookup)
        case .list(let parts):
            var elements: [CELValue] = []
            elements.reserveCapacity(parts.count)
            for part in program.parts[parts] { elements.append(try value(part, lookup)) }
            return .list(elements)
        case .unary(let operation, let operand):
            return try unary(operation, try value(operand, lookup), index)
        case .binary(let operation, let left, let right):
            return try binary(operation, try value(left, lookup), try value(right, lookup), index)
        }
    }

    /// An operand that decides the result counts whatever the others are, even if they are errors:
    /// https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators
    private mutating func logical(
        _ connective: Connective, _ parts: Range<Int>, _ lookup: Lookup
    ) throws(CELRuntimeError) -> Bool {
        var failure: CELRuntimeError?
        for part in program.parts[parts] {
            do throws(CELRuntimeError) {
                if try truth(part, lookup) == connective.decisive { return connective.decisive }
            } catch {
                // Out of steps, no operand may be looked at.
                guard error.reason != .tooMuchWork else { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !connective.decisive
    }

    // MARK: - Limits

    mutating func spend(_ count: Int, _ index: Program.Index) throws(CELRuntimeError) {
        steps -= count
        if steps < 0 { throw error(.tooMuchWork, index) }
    }

    func error(_ reason: CELRuntimeError.Reason, _ index: Program.Index) -> CELRuntimeError {
        CELRuntimeError(reason: reason, position: program.positions[index])
    }

    /// The value, or the error if there is none.
    func unwrap<Value>(
        _ value: Value?, _ reason: CELRuntimeError.Reason, _ index: Program.Index
    ) throws(CELRuntimeError) -> Value {
        guard let value else { throw error(reason, index) }
        return value
    }
}
