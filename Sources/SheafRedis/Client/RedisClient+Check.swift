import SheafCore

/// The result of a successful check of a server.
public struct RedisCheck: Hashable, Sendable {
    /// The server's version; `nil` if it does not report it.
    public let version: String?
    /// What could not be checked, and how to check it.
    public let warnings: [String]
}

extension RedisClient {
    /// The oldest version with all commands that the scripts need (`ZMSCORE`).
    private static let oldest = [6, 2]

    /// Checks that the server can be reached, is new enough, and evicts nothing: only the rescuer would notice an
    /// evicted window, or a part of one.
    ///
    /// - Throws: ``SheafError`` `unavailable`, or `storage` with the field `debouncer.url` if the server cannot be used
    ///   with its version or settings.
    public func check() async throws -> RedisCheck {
        let (info, policy) = (ServerInfo(), ConfigGet(setting: "maxmemory-policy"))
        let replies = try await replies(to: [Ping(), info, policy])
        if case .error(let error) = replies[0] { throw error.sheafError }
        var warnings: [String] = []
        var version: String?
        if let info = try permitted(replies[1], as: info) {
            version = info["redis_version"]
            try Self.require(version: version)
        } else {
            warnings.append("INFO is forbidden: make sure that the server's version is 6.2 or later")
        }
        if let policy = try permitted(replies[2], as: policy) ?? nil {
            try Self.require(policy: policy)
        } else {
            warnings.append("CONFIG is forbidden: make sure that the server's maxmemory-policy is noeviction")
        }
        return RedisCheck(version: version, warnings: warnings)
    }

    /// The response; `nil` if the server does not allow or know the command.
    private func permitted<Command: RedisCommand>(
        _ reply: RedisValue, as command: Command
    ) throws -> Command.Response? {
        guard case .error(let error) = reply else { return try command.decode(reply) }
        guard error.prefix == .noPermission || error.prefix == .other else { throw error.sheafError }
        return nil
    }

    private static func require(version: String?) throws {
        guard let version else { return }
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard numbers.lexicographicallyPrecedes(oldest) else { return }
        throw SheafError(
            .storage, field: "debouncer.url", "the Redis server has version \(version); Sheaf needs 6.2 or later")
    }

    private static func require(policy: String) throws {
        guard policy != "noeviction" else { return }
        throw SheafError(
            .storage, field: "debouncer.url",
            "the Redis server's maxmemory-policy is \(policy); set it to noeviction")
    }
}
