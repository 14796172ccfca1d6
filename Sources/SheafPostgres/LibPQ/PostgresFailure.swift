import SheafCore

/// What PostgreSQL or the connection to it failed with. It tells no values: of the server's words only the code
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html) and the names of table and constraint are kept.
struct PostgresFailure: Error, Hashable {
    /// `nil` if the connection was lost, or never came to be.
    let sqlState: String?
    let message: String
    /// The constraint that was broken.
    let constraint: String?
    /// Whether the work can be done on another connection as if it had not been begun.
    var hasDoneNothing = false

    /// The connection failed.
    init(connection message: String) {
        sqlState = nil
        constraint = nil
        self.message = message
    }

    init(sqlState: String, table: String?, constraint: String?) {
        switch sqlState {
        // Prepared statements that are gone, or another's.
        case "26000", "42P05": self = .pooled
        case "25006":
            self.init(sqlState: sqlState, "PostgreSQL cannot be written (SQLSTATE 25006); it may be a standby")
        default:
            let place = (table.map { ", table \($0)" } ?? "") + (constraint.map { ", constraint \($0)" } ?? "")
            self.init(sqlState: sqlState, "PostgreSQL answered SQLSTATE \(sqlState)\(place)", constraint: constraint)
        }
    }

    private init(sqlState: String, _ message: String, constraint: String? = nil) {
        self.sqlState = sqlState
        self.constraint = constraint
        self.message = message
    }

    /// Somebody stands between, and has several sessions share one of the server's.
    static let pooled = PostgresFailure(
        sqlState: "26000",
        "a pooler shares the server's sessions between transactions, but Sheaf needs sessions of its own, for settings, "
            + "prepared statements and notifications; have it pool by session (pgbouncer: pool_mode=session), or "
            + "connect to the server itself")

    /// Whether the server can be read and not written: a standby, or a primary on its way to be one.
    var isReadOnly: Bool { sqlState == "25006" }

    /// Whether the same transaction may succeed if it is run again: it lost a race, another having opened a window of the
    /// same key meanwhile, or was the victim of a deadlock.
    var mayBeRunAgain: Bool {
        sqlState == "40001" || sqlState == "40P01" || sqlState == "23505" && constraint == PostgresSchema.openWindows
    }

    /// Whether the server cannot do anything at present.
    var isOutage: Bool {
        guard let sqlState else { return true }
        // Connection exceptions, shutdown, a lack of resources, and a statement that took too long.
        return sqlState.hasPrefix("08") || sqlState.hasPrefix("57") || sqlState.hasPrefix("53")
            || sqlState.hasPrefix("58") || isReadOnly || sqlState == "25P03" || sqlState == "55P03" || mayBeRunAgain
    }

    var error: SheafError {
        if isOutage { return SheafError(.unavailable, field: "store.url", message) }
        if sqlState == "42P01" {
            return SheafError(.storage, field: "store.url", "\(message): the schema is missing; run the migration")
        }
        if sqlState == "42501" {
            return SheafError(
                .storage, field: "store.url", "\(message): the role lacks a right; sheaf doctor tells which")
        }
        return SheafError(.storage, field: "store.url", message)
    }
}

/// Runs `body`; what PostgreSQL fails with is thrown in Sheaf's terms.
func translatingFailures<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async throws -> Result {
    do { return try await body() } catch let failure as PostgresFailure { throw failure.error }
}
