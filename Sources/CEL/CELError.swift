/// A place in an expression's text.
public struct CELPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// In Unicode scalars, from 1.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public var description: String { "\(line):\(column)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A mistake in an expression.
public struct CELError: Error, Hashable, Sendable, CustomStringConvertible {
    public let position: CELPosition
    /// The mistake, and how to correct it.
    public let message: String

    public var line: Int { position.line }
    public var column: Int { position.column }
    public var description: String { "\(position): \(message)" }
}

/// The mistakes in an expression, by position; at least one and at most ``CELExpression/maximumErrors``.
public struct CELErrors: Error, Hashable, Sendable, CustomStringConvertible {
    public let errors: [CELError]

    init(_ mistakes: [CELError]) {
        errors = Array(mistakes.sorted { $0.position < $1.position }.prefix(CELExpression.maximumErrors))
    }

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Why an expression has no value for this event. Its text holds nothing of the event's data.
public struct CELRuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case overflow = "the result is outside the range of its type"
        case divisionByZero = "division by zero"
        case indexOutOfRange = "the list has no element at this index"
        case absent = "the field is absent"
        case badTimestamp = "the text is no RFC 3339 time between the years 1 and 9999"
        case badDuration = "the text is no duration, such as 1h30m, of at most 292 years"
        case tooMuchWork = "the evaluation takes too many steps"
        case wrongType = "a value has another type than was declared"
    }

    public let reason: Reason
    public let position: CELPosition

    public var message: String { reason.rawValue }
    public var description: String { "\(position): \(message)" }
}
