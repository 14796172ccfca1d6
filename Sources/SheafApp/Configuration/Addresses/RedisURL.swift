/// Where a Redis server is.
public struct RedisURL: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public let password: Secret?
    /// The number of the database.
    public let database: Int

    /// - Returns: `nil` where `text` is not `redis://[:password@]host[:port][/db]`.
    public init?(_ text: String) {
        guard let parts = AddressParts(text, schemes: ["redis"]), (parts.user ?? "").isEmpty, parts.query == nil,
            parts.fragment == nil
        else { return nil }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { return nil }
        self.database = database
        host = parts.host
        port = parts.port ?? 6379
        password = parts.password.map(Secret.init)
    }

    /// The address without the password.
    public var description: String { "redis://\(host):\(port)/\(database)" }
}
