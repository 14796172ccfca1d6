import FoundationEssentials

/// The base address of an HTTP service: scheme, host, port and path; no user, password, query or fragment, and no slash
/// at its end.
public struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Returns: `nil` if `text` is no such address. Slashes at its end are left out.
    public init?(_ text: String) {
        // The first '/' of a password that nobody escaped would end it, and the rest pass for a path.
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

    /// The address of `path`, which begins with a slash, below this one; this one itself if it is `path` already, since
    /// some configure the one and some the other.
    public func endpoint(_ path: String) -> String {
        URLComponents(string: text)?.path.hasSuffix(path) == true ? text : appending(path)
    }

    /// The address of what `path`, which begins with a slash, names below this one.
    public func appending(_ path: String) -> String { text + path }
}
