internal import FoundationEssentials

/// The parts of an address with a host (RFC 3986).
struct AddressParts {
    let scheme: String
    let user: String?
    let password: String?
    /// IPv6 in brackets.
    let host: String
    let port: Int?
    let path: String
    let query: String?
    let fragment: String?

    /// Whether it has neither user nor query nor fragment.
    var isPlain: Bool { user == nil && password == nil && query == nil && fragment == nil }

    /// - Parameter schemes: the accepted schemes.
    init?(_ text: String, schemes: [String]) {
        guard let scheme = text.scheme, schemes.contains(scheme), !text.contains(where: \.isWhitespace),
            text.count(where: { $0 == "@" }) <= 1,
            let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, !host.contains("@"),
            (0...65_535).contains(parts.port ?? 0)
        else { return nil }
        self.scheme = scheme
        self.host = host
        user = parts.user
        password = parts.password
        port = parts.port
        path = parts.path
        query = parts.query
        fragment = parts.fragment
    }
}

extension String {
    /// The scheme: the text before the first colon in lower case, if it is a valid scheme.
    var scheme: String? {
        guard let colon = firstIndex(of: ":"), let first, first.isASCII, first.isLetter else { return nil }
        let scheme = self[..<colon]
        guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
            return nil
        }
        return scheme.lowercased()
    }

    var afterScheme: String { String(drop { $0 != ":" }.dropFirst()) }
}
