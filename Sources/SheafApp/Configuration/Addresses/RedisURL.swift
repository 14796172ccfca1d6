/// The address of a Redis server.
public struct RedisURL: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// The user of Redis's ACL.
    public let user: String?
    public let password: Secret?
    /// The number of the database.
    public let database: Int
    public let isEncrypted: Bool
    /// A PEM file of the certificate authorities to trust; `nil` for the system's.
    public let authorities: String?

    /// - Returns: `nil` if `text` is not `redis://[[user]:password@]host[:port][/db]`, or the same with `rediss` and
    ///   optionally `?cacert=FILE`.
    public init?(_ text: String) {
        guard let parts = AddressParts(text, schemes: ["redis", "rediss"]), parts.fragment == nil else { return nil }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        // Redis accepts no user without a password.
        guard user == nil || parts.password != nil else { return nil }
        isEncrypted = parts.scheme == "rediss"
        authorities = parts.query.map { String($0.dropFirst(Self.cacert.count)) }
        if let query = parts.query {
            guard isEncrypted, query.hasPrefix(Self.cacert), query.count > Self.cacert.count, !query.contains("&")
            else {
                return nil
            }
        }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { return nil }
        self.database = database
        host = parts.host
        port = parts.port ?? 6379
        password = parts.password.map(Secret.init)
    }

    private static let cacert = "cacert="

    /// The address without user and password.
    public var description: String { "\(isEncrypted ? "rediss" : "redis")://\(host):\(port)/\(database)" }
}
