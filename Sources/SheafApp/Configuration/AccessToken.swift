/// A token that clients of the HTTP API show, and what it allows.
public struct AccessToken: Hashable, Sendable {
    /// What a token can allow.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        case publish, read, admin
    }

    public let secret: Secret
    public let scopes: Set<Scope>

    public init(secret: Secret, scopes: Set<Scope>) {
        self.secret = secret
        self.scopes = scopes
    }
}
