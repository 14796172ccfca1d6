import SheafCore

extension PostgresDatabase {
    /// The oldest server this program works with, as PostgreSQL numbers it: 150006 for 15.6.
    private static let oldestServer = 150_000

    /// The version of the schema; 0 if there is none yet.
    ///
    /// - Throws: ``SheafError`` `unavailable` if the server cannot be reached; `storage` if it is too old or its encoding
    ///   is not UTF-8.
    func schemaVersion() async throws -> Int {
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
        guard isThere else { return 0 }
        return try await run("SELECT version FROM sheaf_schema") { try $0.first.map { Int(try $0.integer(0)) } ?? 0 }
    }
}
