internal import FoundationEssentials

// The types of Foundation whose own `init(from:)` is not what its JSONDecoder reads. `Date`, seconds since 2001, is
// read by its own.

extension Decimal: JSONPrimitive {
    static let kind = JSONKind.number

    static func read(_ token: JSONToken, of document: JSONDocument) -> Decimal? {
        guard case .number(let range) = token else { return nil }
        return Decimal(string: document.text(range))
    }
}

extension Data: JSONPrimitive {
    static let kind = JSONKind.string
    static var expected: Any.Type { String.self }

    static func read(_ token: JSONToken, of document: JSONDocument) -> Data? {
        String.read(token, of: document).flatMap { Data(base64Encoded: $0) }
    }
}

extension URL: JSONPrimitive {
    static let kind = JSONKind.string
    static var expected: Any.Type { String.self }

    static func read(_ token: JSONToken, of document: JSONDocument) -> URL? {
        String.read(token, of: document).flatMap { URL(string: $0) }
    }
}
