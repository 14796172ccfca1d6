import SheafCore

extension PostgresDatabase {
    /// The oldest supported server, as PostgreSQL numbers versions: 150006 for 15.6.
    private static let oldestServer = 150_000

    /// The version of the schema; 0 if there is none yet.
    ///
    /// - Throws: ``SheafError`` `unavailable` if the server cannot be reached; `storage` if it is too old, its encoding
    ///   is not UTF-8, or a pooler in front of it shares sessions.
    func schemaVersion() async throws -> Int {
        try await checkSessions()
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
        try await checkRights(isThere: isThere)
        guard isThere else { return 0 }
        return try await run("SELECT version FROM sheaf_schema") { try $0.first.map { Int(try $0.integer(0)) } ?? 0 }
    }

    /// Checks that the role has all the privileges that Sheaf needs.
    ///
    /// - Parameter isThere: whether the tables exist; if not, they must be created.
    /// - Throws: ``SheafError`` `storage`, which says what to grant.
    private func checkRights(isThere: Bool) async throws {
        let (role, schema, mayCreate, tables) = try await run(
            """
            SELECT quote_ident(current_user), quote_ident(current_schema()),
                coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
                (SELECT coalesce(string_agg(name, ', '), '') FROM (
                    SELECT name, to_regclass(name)::oid AS id FROM unnest(\(PostgresSchema.tables)) AS name OFFSET 0) t
                WHERE id IS NOT NULL AND NOT (
                    has_table_privilege(id, 'SELECT') AND has_table_privilege(id, 'INSERT')
                    AND has_table_privilege(id, 'UPDATE') AND has_table_privilege(id, 'DELETE')))
            """
        ) { rows in
            (try rows[0].text(0), try rows[0].optionalText(1), try rows[0].boolean(2), try rows[0].text(3))
        }
        func refusal(_ message: String) -> SheafError { SheafError(.storage, field: "store.url", message) }
        guard let schema else {
            throw refusal(
                "the role \(role) may use no schema of its search_path; the owner of one can let it: "
                    + "GRANT USAGE, CREATE ON SCHEMA public TO \(role)")
        }
        guard isThere || mayCreate else {
            throw refusal(
                "the role \(role) may not create tables in the schema \(schema); its owner can let it: "
                    + "GRANT CREATE ON SCHEMA \(schema) TO \(role)")
        }
        guard tables.isEmpty else {
            throw refusal(
                "the role \(role) may not read and write \(tables); their owner can let it: "
                    + "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(role); "
                    + "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \(schema) TO \(role)")
        }
    }
}
