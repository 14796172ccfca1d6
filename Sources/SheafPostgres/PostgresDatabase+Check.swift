import SheafCore

/// What a server said of itself.
public struct PostgresCheck: Hashable, Sendable {
    /// As PostgreSQL numbers it: 150006 for 15.6.
    public let serverVersion: Int
    /// The steps of the schema that were applied; 0 where there is none yet.
    public let schemaVersion: Int
    /// The version of the schema that this program works with.
    public let expectedSchemaVersion: Int
}

extension PostgresDatabase {
    /// The oldest server this program works with.
    private static let oldestServer = 150_000

    /// Asks the server whether everything is as this program needs it.
    ///
    /// - Throws: ``SheafError`` `unavailable` where it cannot be reached; `storage` where it is too old, has another
    ///   encoding than UTF-8, or lacks the schema.
    @discardableResult
    public func check() async throws -> PostgresCheck {
        let check = try await inspect()
        guard check.schemaVersion == check.expectedSchemaVersion else {
            throw SheafError(
                .storage, field: "store.url",
                check.schemaVersion < check.expectedSchemaVersion
                    ? "the schema has version \(check.schemaVersion) of \(check.expectedSchemaVersion); run the migration"
                    : "the database was made by a newer version of Sheaf")
        }
        return check
    }

    /// Asks for versions, and refuses a server that is too old or not in UTF-8.
    func inspect() async throws -> PostgresCheck {
        let (version, encoding, isThere) = try await run(
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
                to_regclass('sheaf_schema') IS NOT NULL
            """
        ) { rows in
            (Int(try rows[0].integer(0)), try rows[0].text(1), try rows[0].boolean(2))
        }
        guard version >= Self.oldestServer else {
            throw SheafError(
                .storage, field: "store.url",
                "PostgreSQL \(version / 10_000) is too old; Sheaf needs \(Self.oldestServer / 10_000) or newer")
        }
        guard encoding == "UTF8" else {
            throw SheafError(.storage, field: "store.url", "the database's encoding is \(encoding); Sheaf needs UTF8")
        }
        var applied = 0
        if isThere {
            applied = try await run("SELECT version FROM sheaf_schema") {
                try $0.first.map { Int(try $0.integer(0)) } ?? 0
            }
        }
        return PostgresCheck(
            serverVersion: version, schemaVersion: applied, expectedSchemaVersion: PostgresSchema.version)
    }
}
