import SheafCore

/// A failure of PostgreSQL or of the connection to it. It holds no values: of the server's message it keeps only the
/// code (https://www.postgresql.org/docs/current/errcodes-appendix.html) and the names of table and constraint.
struct PostgresFailure: Error, Hashable {
    /// `nil` if the connection was lost or could not be made.
    let sqlState: String?
    let message: String
    /// The violated constraint.
    let constraint: String?
    /// Whether the work can run on another connection, since it has changed nothing on this one.
    var hasDoneNothing = false

    /// The connection failed.
    init(connection message: String) {
        sqlState = nil
        constraint = nil
        self.message = message
    }

    init(sqlState: String, table: String?, constraint: String?) {
        switch sqlState {
        // The prepared statements are missing, or are another client's.
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

    /// A pooler between client and server shares the server's sessions.
    static let pooled = PostgresFailure(
        sqlState: "26000",
        "a pooler shares the server's sessions between transactions, but Sheaf needs sessions of its own, for settings, "
            + "prepared statements and notifications; have it pool by session (pgbouncer: pool_mode=session), or "
            + "connect to the server itself")

    /// Whether the server is read-only: a standby, or a primary that is about to become one.
    var isReadOnly: Bool { sqlState == "25006" }

    /// Whether the same transaction may succeed if it is run again: it lost a race, because another opened a window of
    /// the same key meanwhile, or it was the victim of a deadlock.
    var mayBeRunAgain: Bool {
        sqlState == "40001" || sqlState == "40P01" || sqlState == "23505" && constraint == PostgresSchema.openWindows
    }

    /// Whether the server cannot do anything at present.
    var isOutage: Bool {
        guard let sqlState else { return true }
        // Connection exceptions, shutdown, insufficient resources, and a statement that took too long.
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
                .storage, field: "store.url", "\(message): the role lacks a privilege; sheaf doctor reports which")
        }
        return SheafError(.storage, field: "store.url", message)
    }
}

/// Runs `body`, and translates PostgreSQL's failures into Sheaf's errors.
func translatingFailures<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async throws -> Result {
    do { return try await body() } catch let failure as PostgresFailure { throw failure.error }
}
