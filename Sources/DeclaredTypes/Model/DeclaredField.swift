internal import SheafCore

/// A member of `data` that a declared type reads.
public struct DeclaredField: Hashable, Sendable {
    /// What a field holds.
    public enum Kind: Hashable, Sendable {
        /// A whole number of 64 bits that is printed as it is.
        case id
        case integer
        case number
        case string
        case boolean
        /// A moment as RFC 3339 writes it.
        case time
        /// One of some words.
        case enumeration([String])
    }

    public let name: String
    public let kind: Kind
    public let isOptional: Bool
    /// The most Unicode scalars of a string; `nil` if it is bounded by the event alone.
    public let maxLength: Int?

    public init(_ name: String, _ kind: Kind, isOptional: Bool = false, maxLength: Int? = nil) {
        self.name = name
        self.kind = kind
        self.isOptional = isOptional
        self.maxLength = maxLength
    }
}

extension DeclaredField.Kind {
    /// The kinds that one word names.
    static let words: [(word: String, kind: Self)] = [
        ("id", .id), ("integer", .integer), ("number", .number), ("string", .string), ("boolean", .boolean),
        ("time", .time),
    ]

    /// As files write it.
    public var text: String {
        if case .enumeration(let words) = self { return "[\(words.joined(separator: ", "))]" }
        return Self.words.first { $0.kind == self }?.word ?? ""
    }

    /// What is collected while the event is read.
    var payload: PayloadField.Kind {
        switch self {
        case .id, .integer: .integer
        case .number: .number
        case .string, .time, .enumeration: .string
        case .boolean: .boolean
        }
    }

    /// How values are compared with those of another type: moments as moments, whatever zone they are written in.
    var compared: PayloadField.Kind { self == .time ? .time : payload }

    /// Whether values can be added up.
    var isNumeric: Bool { self == .integer || self == .number }
}
