/// What is read from one value of JSON as a whole, rather than by its own `init(from:)`.
protocol JSONPrimitive: Decodable {
    /// The kind of JSON it is made of.
    static var kind: JSONKind { get }
    /// What complaints call the kind it is made of.
    static var expected: Any.Type { get }

    /// The value of `token`, or `nil` where it is of another kind or does not fit.
    static func read(_ token: JSONToken, of document: JSONDocument) -> Self?
}

extension JSONPrimitive {
    static var expected: Any.Type { Self.self }
}

extension Bool: JSONPrimitive {
    static let kind = JSONKind.boolean

    static func read(_ token: JSONToken, of _: JSONDocument) -> Bool? {
        guard case .boolean(let value) = token else { return nil }
        return value
    }
}

extension String: JSONPrimitive {
    static let kind = JSONKind.string

    static func read(_ token: JSONToken, of document: JSONDocument) -> String? {
        guard case .string(let raw) = token else { return nil }
        return document.string(raw)
    }
}
