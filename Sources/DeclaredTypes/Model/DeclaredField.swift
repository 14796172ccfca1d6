internal import SheafCore

/// A member of `data` that a declared type reads.
public struct DeclaredField: Hashable, Sendable {
    /// The kind of a field.
    public enum Kind: Hashable, Sendable {
        /// A 64-bit integer that is printed without formatting.
        case id
        case integer
        case number
        case string
        case boolean
        /// An RFC 3339 time.
        case time
        /// One of some words.
        case enumeration([String])
    }

    public let name: String
    public let kind: Kind
    public let isOptional: Bool
    /// The maximum Unicode scalars of a string; `nil` if only the event's size limits it.
    public let maxLength: Int?

    public init(_ name: String, _ kind: Kind, isOptional: Bool = false, maxLength: Int? = nil) {
        self.name = name
        self.kind = kind
        self.isOptional = isOptional
        self.maxLength = maxLength
    }
}

extension DeclaredField.Kind {
    /// The kinds that a single word names.
    static let words: [(word: String, kind: Self)] = [
        ("id", .id), ("integer", .integer), ("number", .number), ("string", .string), ("boolean", .boolean),
        ("time", .time),
    ]

    /// The kind as written in files.
    public var text: String {
        if case .enumeration(let words) = self { return "[\(words.joined(separator: ", "))]" }
        return Self.words.first { $0.kind == self }?.word ?? ""
    }

    /// The kind that is read from an event.
    var payload: PayloadField.Kind {
        switch self {
        case .id, .integer: .integer
        case .number: .number
        case .string, .time, .enumeration: .string
        case .boolean: .boolean
        }
    }

    /// The kind used to compare values with those of another type: times are compared as moments, whatever their zones.
    var compared: PayloadField.Kind { self == .time ? .time : payload }

    /// Whether values can be added up.
    var isNumeric: Bool { self == .integer || self == .number }
}
