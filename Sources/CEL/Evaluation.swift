/// Evaluation. `steps` are those left of ``CELExpression/maximumSteps``.
extension Program {
    typealias Lookup = (CELVariable) -> CELValue?

    /// The value of a node that is a bool.
    func truth(_ index: Index, _ lookup: Lookup, _ steps: inout Int) throws(CELRuntimeError) -> Bool {
        guard case .bool(let value) = try value(index, lookup, &steps) else { throw error(.wrongType, index) }
        return value
    }

    func value(_ index: Index, _ lookup: Lookup, _ steps: inout Int) throws(CELRuntimeError) -> CELValue {
        try spend(1, index, &steps)
        switch nodes[index] {
        case .constant(let place):
            return constants[place]
        case .variable(let variable):
            guard let value = lookup(variable) else { throw error(.absent, index) }
            return value
        case .isPresent(let variable):
            return .bool(lookup(variable) != nil)
        case .logical(let connective, let places):
            return .bool(try logical(connective, places, lookup, &steps))
        case .conditional(let condition, let yes, let no):
            return try value(try truth(condition, lookup, &steps) ? yes : no, lookup, &steps)
        case .list(let places):
            var elements: [CELValue] = []
            elements.reserveCapacity(places.count)
            for place in places { elements.append(try value(parts[place], lookup, &steps)) }
            return .list(elements)
        case .unary(let operation, let operand):
            return try unary(operation, try value(operand, lookup, &steps), index, &steps)
        case .binary(let operation, let left, let right):
            return try binary(
                operation, try value(left, lookup, &steps), try value(right, lookup, &steps), index, &steps)
        }
    }

    /// An operand that decides the result counts even if other operands are errors. Once no steps are left, no operand
    /// decides anything: https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators
    private func logical(
        _ connective: Connective, _ places: Range<Int>, _ lookup: Lookup, _ steps: inout Int
    ) throws(CELRuntimeError) -> Bool {
        var failure: CELRuntimeError?
        for place in places {
            do throws(CELRuntimeError) {
                if try truth(parts[place], lookup, &steps) == connective.decisive { return connective.decisive }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !connective.decisive
    }

    // MARK: - Limits

    func spend(_ count: Int, _ index: Index, _ steps: inout Int) throws(CELRuntimeError) {
        steps -= count
        if steps < 0 { throw error(.tooMuchWork, index) }
    }

    func error(_ reason: CELRuntimeError.Reason, _ index: Index) -> CELRuntimeError {
        CELRuntimeError(reason: reason, position: positions[index])
    }

    /// The value, or the error if there is none.
    func unwrap<Value>(
        _ value: Value?, _ reason: CELRuntimeError.Reason, _ index: Index
    ) throws(CELRuntimeError) -> Value {
        guard let value else { throw error(reason, index) }
        return value
    }
}
