import FoundationEssentials

/// The base address of an HTTP service: scheme, host, port and path, without user, password, query, fragment or
/// trailing slash.
public struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Returns: `nil` if `text` is no such address. Trailing slashes are removed.
    public init?(_ text: String) {
        // An unescaped '/' in a password would end the authority, and the rest would pass for a path.
        guard !text.contains("@"), !text.contains(where: \.isWhitespace), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = parts.host, !host.isEmpty, (0...65_535).contains(parts.port ?? 0),
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        var base = text[...]
        while base.last == "/" { base.removeLast() }
        self.text = String(base)
    }

    public var description: String { text }

    /// The address of `path`, which begins with a slash, below this one. If this address already ends in `path`, the
    /// address itself: some users configure one form, some the other.
    public func endpoint(_ path: String) -> String {
        URLComponents(string: text)?.path.hasSuffix(path) == true ? text : appending(path)
    }

    /// The address of `path`, which begins with a slash, below this one.
    public func appending(_ path: String) -> String { text + path }
}
