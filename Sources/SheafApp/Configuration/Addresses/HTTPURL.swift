/// The base address of an HTTP service: scheme, host, port and path; neither a password nor a slash at its end.
public struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Returns: `nil` where `text` is no such address. A slash at its end is left out.
    public init?(_ text: String) {
        guard let parts = AddressParts(text, schemes: ["http", "https"]), parts.isPlain else { return nil }
        var base = text[...]
        while base.last == "/" { base.removeLast() }
        self.text = String(base)
    }

    public var description: String { text }
}
