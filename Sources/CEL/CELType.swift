/// The types of the subset of CEL that conditions are written in: https://github.com/google/cel-spec/blob/master/doc/langdef.md#values
public indirect enum CELType: Hashable, Sendable, CustomStringConvertible {
    case int, double, string, bool, timestamp, duration
    case list(CELType)
    /// The element type of `[]`, which matches any type.
    case nothing

    /// The type's name in CEL.
    public var description: String {
        switch self {
        case .int: "int"
        case .double: "double"
        case .string: "string"
        case .bool: "bool"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list(.nothing): "list"
        case .list(let element): "list(\(element))"
        case .nothing: "nothing"
        }
    }

    /// The type that holds values of both types; nil if there is none.
    func joined(with other: CELType) -> CELType? {
        switch (self, other) {
        case (.nothing, _): other
        case (_, .nothing): self
        case (.list(let left), .list(let right)): left.joined(with: right).map { .list($0) }
        default: self == other ? self : nil
        }
    }
}

/// A value of CEL. The evaluator, not Swift, decides whether values in an expression are equal: CEL's strings are equal
/// if their code points are.
public enum CELValue: Sendable {
    case int(Int64)
    case double(Double)
    case string(String)
    case bool(Bool)
    case timestamp(CELTimestamp)
    /// A duration in 64 bits of nanoseconds, about 292 years either way.
    case duration(nanoseconds: Int64)
    case list([CELValue])
}
