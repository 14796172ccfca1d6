/// A host that a server can listen on.
public struct ListenHost: Hashable, Sendable {
    /// IPv6 without brackets.
    public let text: String

    /// - Returns: `nil` if `text` is neither a host name nor an IP address.
    public init?(_ text: String) {
        var host = text[...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        }
        let isIPv6 = host.count { $0 == ":" } > 1
        let others = isIPv6 ? ":.%" : ".-"
        guard !host.isEmpty, host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || others.contains($0)) })
        else { return nil }
        self.text = String(host)
    }

    /// Whether only this machine can reach it: `localhost`, 127.0.0.0/8 and `::1`. Any other name counts as reachable
    /// from outside.
    public var isLoopback: Bool {
        if text == "localhost" || text == "::1" { return true }
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets.first == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
