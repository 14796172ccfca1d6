/// Where a PostgreSQL server is, and who asks.
public struct PostgresURL: Hashable, Sendable, CustomStringConvertible {
    /// `postgres://user:password@host:port/database?…`, as libpq takes it
    /// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
    public let connectionString: Secret
    public let user: String?
    public let host: String
    public let port: Int?
    public let database: String

    /// - Returns: `nil` where `text` is no address of PostgreSQL's with a host and a database.
    public init?(_ text: String) {
        guard let parts = AddressParts(text, schemes: ["postgres", "postgresql"]), parts.path.count > 1,
            parts.fragment == nil
        else { return nil }
        connectionString = Secret(text)
        user = parts.user
        host = parts.host
        port = parts.port
        database = String(parts.path.dropFirst())
    }

    /// The address without password and parameters.
    public var description: String {
        "postgres://" + (user.map { "\($0)@" } ?? "") + host + (port.map { ":\($0)" } ?? "") + "/\(database)"
    }
}
