/// A member of `data` that an event type reads.
public struct PayloadField: Hashable, Sendable {
    /// What the member holds.
    public enum Kind: Hashable, Sendable {
        /// A whole number of 64 bits, also one that is written as a string of digits.
        case integer
        case number
        case string
        case boolean
        /// A moment as RFC 3339 writes it; its text is kept.
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
    /// What complaints call it.
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
