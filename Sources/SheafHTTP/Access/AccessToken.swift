import Crypto
import SheafCore

/// A token of clients, and its scopes. Only its digest is kept.
public struct AccessToken: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// What a token can allow. No scope includes another.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        case publish, read, admin
    }

    private let digest: SHA256Digest
    public let scopes: Set<Scope>

    public init(_ token: some StringProtocol, scopes: Set<Scope>) {
        digest = Self.digest(token)
        self.scopes = scopes
    }

    /// Whether both are the same token, regardless of their scopes.
    public func isSameToken(as other: AccessToken) -> Bool { digest == other.digest }

    public var description: String { "[redacted]" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    static func digest(_ token: some StringProtocol) -> SHA256Digest { SHA256.hash(data: Array(token.utf8)) }

    /// Compares digests in a time that does not depend on where they differ.
    func matches(_ other: SHA256Digest) -> Bool { digest == other }
}
