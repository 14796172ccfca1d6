/// Checks that the server responds.
struct Ping: RedisCommand {
    static let name = "PING"
    var arguments: RedisArguments { RedisArguments("PING") }

    func decode(_ reply: RedisValue) throws { _ = try reply.text() }
}

/// The server's information about itself, by name.
struct ServerInfo: RedisCommand {
    static let name = "INFO"
    var arguments: RedisArguments { RedisArguments("INFO", "server") }

    func decode(_ reply: RedisValue) throws -> [String: String] {
        let lines = try reply.text().split(whereSeparator: \.isNewline)
        return Dictionary(
            lines.compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (String(line[..<colon]), String(line[line.index(after: colon)...]))
            }, uniquingKeysWith: { first, _ in first })
    }
}

/// A setting of the server.
struct ConfigGet: RedisCommand {
    static let name = "CONFIG GET"
    let setting: String
    var arguments: RedisArguments { RedisArguments("CONFIG", "GET", setting) }

    func decode(_ reply: RedisValue) throws -> String? { try reply.elements().dropFirst().first?.text() }
}

/// Makes the server cache a script.
struct ScriptLoad: RedisCommand {
    static let name = "SCRIPT LOAD"
    let source: String
    var arguments: RedisArguments { RedisArguments("SCRIPT", "LOAD", source) }

    func decode(_ reply: RedisValue) throws -> String { try reply.text() }
}

/// The scores of a sorted set's members; `nil` for those that are not members.
struct ScoresOfMembers: RedisCommand {
    static let name = "ZMSCORE"
    let arguments: RedisArguments

    init(key: String, members: some Sequence<[UInt8]>) {
        var arguments = RedisArguments("ZMSCORE", key)
        for member in members { arguments.append(member) }
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> [Int64?] {
        try reply.elements().map { $0 == .null ? nil : try $0.number() }
    }
}
