/// A member of `data` that an event type reads.
public struct PayloadField: Hashable, Sendable {
    /// The kind of the member's value.
    public enum Kind: Hashable, Sendable {
        /// A 64-bit integer, also one that is written as a string of digits.
        case integer
        case number
        case string
        case boolean
        /// An RFC 3339 time; its text is kept.
        case time
        /// Any value but null, whose text is kept.
        case json
    }

    public let name: String
    public let kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

extension PayloadField.Kind {
    /// The name of the kind in error messages.
    var words: String {
        switch self {
        case .integer: "a whole number of 64 bits"
        case .number: "a number"
        case .string: "a string"
        case .boolean: "true or false"
        case .time: "a time"
        case .json: "a value"
        }
    }
}
