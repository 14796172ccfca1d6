/// Operators and functions: https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions
///
/// The checker accepts only matching types; a value of another type than declared is an error.
extension Program {
    func unary(
        _ operation: UnaryOperation, _ operand: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> CELValue {
        switch (operation, operand) {
        case (.not, .bool(let value)): return .bool(!value)
        case (.negate, .int(let value)): return .int(try checked(Int64.zero.subtractingReportingOverflow(value), index))
        case (.negate, .double(let value)): return .double(-value)
        case (.size, .string(let text)):
            try spend(text.utf8.count, index, &steps)
            return .int(Int64(text.codePoints))
        case (.size, .list(let elements)): return .int(Int64(elements.count))
        case (.timestamp, .timestamp), (.duration, .duration): return operand
        case (.timestamp, .int(let seconds)):
            return .timestamp(try unwrap(CELTimestamp(seconds: seconds), .overflow, index))
        case (.timestamp, .string(let text)):
            try spend(text.utf8.count, index, &steps)
            return .timestamp(try unwrap(CELTimestamp(text), .badTimestamp, index))
        case (.duration, .string(let text)):
            try spend(text.utf8.count, index, &steps)
            return .duration(nanoseconds: try unwrap(DurationText.nanoseconds(text), .badDuration, index))
        default: throw error(.wrongType, index)
        }
    }

    func binary(
        _ operation: Operation, _ left: CELValue, _ right: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> CELValue {
        switch operation {
        case .equal: .bool(try areEqual(left, right, index, &steps))
        case .unequal: .bool(!(try areEqual(left, right, index, &steps)))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: .bool(try isOrdered(operation, left, right, index, &steps))
        case .isIn: .bool(try isIn(left, right, index, &steps))
        case .index: try element(left, right, index)
        case .startsWith, .endsWith, .contains: .bool(try search(operation, left, right, index, &steps))
        case .add, .subtract, .multiply, .divide, .remainder: try arithmetic(operation, left, right, index, &steps)
        }
    }

    // MARK: - Comparisons

    private func areEqual(
        _ left: CELValue, _ right: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return left == right
        case (.double(let left), .double(let right)): return left == right
        case (.bool(let left), .bool(let right)): return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.string(let left), .string(let right)):
            guard left.utf8.count == right.utf8.count else { return false }
            try spend(left.utf8.count, index, &steps)
            return left.isSame(as: right)
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            for (left, right) in zip(left, right) {
                try spend(1, index, &steps)
                guard try areEqual(left, right, index, &steps) else { return false }
            }
            return true
        default: throw error(.wrongType, index)
        }
    }

    private func isOrdered(
        _ operation: Operation, _ left: CELValue, _ right: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return operation.orders(left, right)
        case (.double(let left), .double(let right)): return operation.orders(left, right)
        case (.timestamp(let left), .timestamp(let right)): return operation.orders(left, right)
        case (.duration(let left), .duration(let right)): return operation.orders(left, right)
        case (.bool(let left), .bool(let right)): return operation.orders(left ? 1 : 0, right ? 1 : 0)
        case (.string(let left), .string(let right)):
            try spend(min(left.utf8.count, right.utf8.count), index, &steps)
            return operation.orders(left.order(to: right), 0)
        default: throw error(.wrongType, index)
        }
    }

    private func isIn(
        _ value: CELValue, _ list: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> Bool {
        guard case .list(let elements) = list else { throw error(.wrongType, index) }
        for element in elements {
            try spend(1, index, &steps)
            if try areEqual(value, element, index, &steps) { return true }
        }
        return false
    }

    // MARK: - Lists and strings

    private func element(
        _ list: CELValue, _ place: CELValue, _ index: Index
    ) throws(CELRuntimeError) -> CELValue {
        guard case .list(let elements) = list, case .int(let place) = place else { throw error(.wrongType, index) }
        guard let place = Int(exactly: place), elements.indices.contains(place) else {
            throw error(.indexOutOfRange, index)
        }
        return elements[place]
    }

    private func search(
        _ operation: Operation, _ left: CELValue, _ right: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> Bool {
        guard case .string(let text) = left, case .string(let part) = right else { throw error(.wrongType, index) }
        guard operation == .contains else {
            try spend(part.utf8.count, index, &steps)
            return text.hasBytes(part, atEnd: operation == .endsWith)
        }
        try spend(text.utf8.count + part.utf8.count, index, &steps)
        return text.hasBytes(part)
    }

    // MARK: - Arithmetic

    private func arithmetic(
        _ operation: Operation, _ left: CELValue, _ right: CELValue, _ index: Index, _ steps: inout Int
    ) throws(CELRuntimeError) -> CELValue {
        switch (operation, left, right) {
        case (_, .int(let left), .int(let right)): return .int(try integer(operation, left, right, index))
        case (.add, .double(let left), .double(let right)): return .double(left + right)
        case (.subtract, .double(let left), .double(let right)): return .double(left - right)
        case (.multiply, .double(let left), .double(let right)): return .double(left * right)
        case (.divide, .double(let left), .double(let right)): return .double(left / right)
        case (.add, .string(let left), .string(let right)):
            try spend(left.utf8.count + right.utf8.count, index, &steps)
            return .string(left + right)
        case (.add, .list(let left), .list(let right)):
            try spend(left.count + right.count, index, &steps)
            return .list(left + right)
        case (.add, .timestamp(let moment), .duration(let duration)),
            (.add, .duration(let duration), .timestamp(let moment)):
            return .timestamp(try unwrap(moment.adding(nanoseconds: duration), .overflow, index))
        case (.subtract, .timestamp(let moment), .duration(let duration)):
            return .timestamp(try unwrap(moment.subtracting(nanoseconds: duration), .overflow, index))
        case (.subtract, .timestamp(let left), .timestamp(let right)):
            return .duration(nanoseconds: try unwrap(left.nanoseconds(since: right), .overflow, index))
        case (.add, .duration(let left), .duration(let right)):
            return .duration(nanoseconds: try checked(left.addingReportingOverflow(right), index))
        case (.subtract, .duration(let left), .duration(let right)):
            return .duration(nanoseconds: try checked(left.subtractingReportingOverflow(right), index))
        default: throw error(.wrongType, index)
        }
    }

    private func integer(
        _ operation: Operation, _ left: Int64, _ right: Int64, _ index: Index
    ) throws(CELRuntimeError) -> Int64 {
        switch operation {
        case .add: return try checked(left.addingReportingOverflow(right), index)
        case .subtract: return try checked(left.subtractingReportingOverflow(right), index)
        case .multiply: return try checked(left.multipliedReportingOverflow(by: right), index)
        case .divide where right != 0: return try checked(left.dividedReportingOverflow(by: right), index)
        case .remainder where right != 0: return try checked(left.remainderReportingOverflow(dividingBy: right), index)
        case .divide, .remainder: throw error(.divisionByZero, index)
        default: throw error(.wrongType, index)
        }
    }

    private func checked(
        _ result: (partialValue: Int64, overflow: Bool), _ index: Index
    ) throws(CELRuntimeError) -> Int64 {
        if result.overflow { throw error(.overflow, index) }
        return result.partialValue
    }
}

extension Operation {
    /// Whether the values are in the order that the operator requires.
    fileprivate func orders<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }
}
