internal import SheafCore
internal import SheafPostgres

/// The addresses of the PostgreSQL servers, and the user to connect as.
public struct PostgresURL: Hashable, Sendable, CustomStringConvertible {
    /// Libpq's parameters by keyword; some may be passwords.
    public let parameters: [String: Secret]

    /// - Returns: `nil` if `text` is not a PostgreSQL address.
    public init?(_ text: String) { try? self.init(parsing: text) }

    init(parsing text: String) throws(Rejection) {
        do throws(SheafError) {
            parameters = try PostgresOptions(connectionString: text).parameters.mapValues(Secret.init)
        } catch { throw Rejection(error.message) }
    }

    /// The address without password and parameters.
    public var description: String {
        func part(_ keyword: String) -> String { parameters[keyword]?.exposed ?? "" }
        let hosts = part("host").split(separator: ",", omittingEmptySubsequences: false)
        let ports = part("port").split(separator: ",", omittingEmptySubsequences: false)
        let servers = hosts.indices.map { place in
            let port = ports.count == 1 ? ports[0] : ports.indices.contains(place) ? ports[place] : ""
            return hosts[place] + (port.isEmpty ? "" : ":\(port)")
        }
        let user = part("user")
        return "postgres://" + (user.isEmpty ? "" : "\(user)@") + servers.joined(separator: ",") + "/\(part("dbname"))"
    }
}
