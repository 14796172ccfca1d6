import SheafCore

@testable import SheafPostgres

/// A clock that a test moves, for connections with its ``searchPath``: its `clock_timestamp()` hides the server's.
struct PostgresTestClock {
    private let schema: String

    /// Creates a clock that stands still at the server's time.
    /// - Parameter tested: the schema whose clock it is.
    init(for tested: String) async throws {
        schema = "\(tested)_clock"
        let options = try PostgresServer.options()
        for statement in [
            "CREATE SCHEMA \(schema)",
            "CREATE TABLE \(schema).test_clock AS SELECT clock_timestamp() AS at",
            """
            CREATE FUNCTION \(schema).clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
                AS 'SELECT at FROM \(schema).test_clock'
            """,
        ] { try await PostgresSchemaOfTest.run(options, statement) }
    }

    /// The schemas to search after the tested one. The server would look into its own first if it was not named.
    var searchPath: String { "\(schema),pg_catalog" }

    func advance(by duration: Duration, in database: PostgresDatabase) async throws {
        try await database.run(
            "UPDATE test_clock SET at = at + \(duration.microseconds) * interval '1 microsecond'"
        ) { _ in }
    }

    func drop() async throws {
        try await PostgresSchemaOfTest.run(PostgresServer.options(), "DROP SCHEMA \(schema) CASCADE")
    }
}
