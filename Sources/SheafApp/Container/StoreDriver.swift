import SheafCore
import SheafPostgres
import SheafSQLite

/// The database (`store.url`).
public enum StoreURL: Hashable, Sendable {
    case sqlite(path: String)
    case postgres(PostgresURL)
}

extension ValueParser where Value == StoreURL {
    static var storeURL: ValueParser {
        .text { text throws(Rejection) in
            let form = "postgres://user:password@host:port/database"
            switch text.scheme {
            case "sqlite":
                let path = text.afterScheme
                guard !path.isEmpty, !path.hasPrefix("//") else {
                    throw Rejection("names no file; write sqlite:PATH, without '//'")
                }
                return .sqlite(path: path)
            case "postgres", "postgresql":
                return .postgres(try PostgresURL(parsing: text))
            default: throw .address(text, "sqlite:PATH or \(form)")
            }
        }
    }
}

/// A kind of store: what is known of it before it is opened, and how it is opened.
struct StoreDriver: Sendable {
    /// The file of an embedded database, which opening creates. One process works on it; others may read it and add
    /// events.
    let file: String?
    /// The clock; `nil` if the open store has one.
    let clock: (any TimeSource)?
    let open: @Sendable (Container) async throws -> StoreParts
}

/// An open store, and what else is kept in its database.
struct StoreParts: Sendable {
    let store: any EventStore
    let clock: any TimeSource
    let typeRevisions: any TypeRevisions
    /// `nil` if only one process works on it.
    var stageReports: (any StageReports)?
    /// `nil` if only one process works on it.
    var lock: (any DistributedLock)?
    /// Copies it into a file.
    let backUp: @Sendable (String) async throws -> Void
    /// Clears up what a killed process left, once this is the only one.
    var takeOver: (@Sendable () async -> Void)?
    /// Checks idle connections until the task is cancelled.
    var run: (@Sendable () async -> Void)?
    let close: @Sendable () async -> Void
}

extension StoreDriver {
    /// The driver that the configuration names.
    init(_ settings: Settings.Store) {
        self =
            switch settings.url {
            case .sqlite(let path): .sqlite(path, settings.synchronous == .full ? .full : .normal)
            case .postgres(let url): .postgres(PostgresOptions(url.parameters.mapValues(\.exposed)))
            }
    }

    private static func sqlite(_ path: String, _ synchronous: SQLiteDatabase.Synchronous) -> StoreDriver {
        StoreDriver(file: path, clock: SteadyClock()) { container in
            let clock = try await container.clock
            let database = try SQLiteDatabase(path: path, synchronous: synchronous, clock: clock)
            return StoreParts(
                store: SQLiteStore(database), clock: clock, typeRevisions: SQLiteTypeRevisions(database),
                backUp: { try await database.backUp(to: $0) },
                // It may have erased a recipient without emptying the log.
                takeOver: { await database.emptyLog() }, close: { await database.close() })
        }
    }

    private static func postgres(_ options: PostgresOptions) -> StoreDriver {
        StoreDriver(file: nil, clock: nil) { _ in
            let database = PostgresDatabase(options)
            return StoreParts(
                store: PostgresStore(database), clock: database.clock, typeRevisions: PostgresTypeRevisions(database),
                stageReports: PostgresStageReports(database), lock: PostgresLock(database),
                backUp: { _ in
                    throw SheafError(
                        .invalid, field: "store.url",
                        "the store is PostgreSQL; copy it with pg_dump, or by its archived log")
                }, run: { await database.run() }, close: { await database.close() })
        }
    }
}
