import Foundation
public import SheafCore
import SheafMemory
public import SheafPostgres
public import SheafRedis
public import SheafSQLite

// Storage: the driver of each port is chosen by its address.

extension Container {
    /// - Throws: ``SheafError`` if the store is not SQLite.
    public var sqlite: SQLiteDatabase {
        get async throws {
            try await part(close: { await $0.close() }) {
                guard case .sqlite(let path) = settings.store.url else { throw Self.otherStore }
                return try await SQLiteDatabase(
                    path: path, synchronous: settings.store.synchronous == .full ? .full : .normal, clock: clock)
            }
        }
    }

    /// - Throws: ``SheafError`` if the store is not PostgreSQL.
    public var postgres: PostgresDatabase {
        get async throws {
            try await part(close: { await $0.close() }) {
                guard case .postgres(let url) = settings.store.url else { throw Self.otherStore }
                return PostgresDatabase(PostgresOptions(url.parameters.mapValues(\.exposed)))
            }
        }
    }

    /// - Throws: ``SheafError`` if the debouncer is not on Redis.
    public var redis: RedisClient {
        get async throws {
            try await part(close: { await $0.close() }) {
                guard case .redis(let url) = settings.debouncer.url else {
                    throw SheafError(.invalid, field: "debouncer.url", "no Redis is configured")
                }
                return RedisClient(
                    RedisOptions(
                        host: url.host, port: url.port, user: url.user, password: url.password?.exposed,
                        tls: url.isEncrypted ? RedisTLS(authorities: url.authorities) : nil, database: url.database,
                        shards: settings.redis.shards))
            }
        }
    }

    private static var otherStore: SheafError {
        SheafError(.invalid, field: "store.url", "another kind of store is configured")
    }

    public var store: any EventStore {
        get async throws {
            try await part(as: (any EventStore).self) {
                switch settings.store.url {
                case .sqlite: try await SQLiteStore(sqlite)
                case .postgres: try await PostgresStore(postgres)
                }
            }
        }
    }

    /// The state of the store's schema; creates and changes nothing.
    ///
    /// - Throws: ``SheafError`` `unavailable` or `storage` if the store cannot be used.
    public func storeSchema() async throws -> SchemaState {
        guard let path = missingDatabase else { return try await store.schema() }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw SheafError(
                .storage, field: "store.url", "there is no database at \(path), and none can be created in its folder")
        }
        return .missing
    }

    /// The path of the embedded database if it does not exist. Opening it would create it.
    public var missingDatabase: String? {
        guard case .sqlite(let path) = settings.store.url, !FileManager.default.fileExists(atPath: path) else {
            return nil
        }
        return path
    }

    /// Checks that the database exists, before the store is opened.
    ///
    /// - Throws: ``SheafError`` `storage` if there is no embedded database.
    public func requireDatabase() throws(SheafError) {
        guard let path = missingDatabase else { return }
        throw SheafError(
            .storage, field: "store.url", "there is no database at \(path); 'sheaf run' or 'sheaf migrate' creates one")
    }

    /// Copies the embedded database into a file, while others may work on it.
    ///
    /// - Throws: ``SheafError`` `invalid` if the store is not SQLite or the file exists, `storage` or `unavailable` if
    ///   there is no database or the copy cannot be written.
    public func backUpStore(to path: String) async throws {
        switch settings.store.url {
        case .sqlite: break
        case .postgres:
            throw SheafError(
                .invalid, field: "store.url", "the store is PostgreSQL; copy it with pg_dump, or by its archived log")
        }
        try requireDatabase()
        try await sqlite.backUp(to: path)
    }

    /// Holds windows outside the store; `nil` if they live in the store.
    public var debouncer: (any Debouncer)? {
        get async throws {
            try await part(as: (any Debouncer)?.self) {
                switch settings.debouncer.url {
                case .redis: try await RedisDebouncer(redis)
                case .store: nil
                }
            }
        }
    }

    /// The stage reports between the processes on this store; `nil` if there is only one process.
    public var stageReports: (any StageReports)? {
        get async throws {
            try await part(as: (any StageReports)?.self) {
                switch settings.store.url {
                case .sqlite: nil
                case .postgres: try await PostgresStageReports(postgres)
                }
            }
        }
    }

    /// Only one of the processes on this store can hold it at a time.
    public var lock: any DistributedLock {
        get async throws {
            try await part(as: (any DistributedLock).self) {
                switch (settings.debouncer.url, settings.store.url) {
                case (_, .postgres): try await PostgresLock(postgres)
                case (.redis, .sqlite): try await RedisLock(redis)
                // Only one process works on a SQLite file.
                case (.store, .sqlite): try await MemoryLock(clock: clock)
                }
            }
        }
    }
}
