import Foundation
public import SheafCore
import SheafMemory
public import SheafPostgres
public import SheafRedis
public import SheafSQLite

// Where data is kept: each port by the driver that its address names.

extension Container {
    /// - Throws: ``SheafError`` where the store is not SQLite.
    public var sqlite: SQLiteDatabase {
        get throws {
            try part(close: { await $0.close() }) {
                guard case .sqlite(let path) = settings.store.url else { throw Self.otherStore }
                return try SQLiteDatabase(
                    path: path, synchronous: settings.store.synchronous == .full ? .full : .normal, clock: clock)
            }
        }
    }

    /// - Throws: ``SheafError`` where the store is not PostgreSQL.
    public var postgres: PostgresDatabase {
        get throws {
            try part(close: { await $0.close() }) {
                guard case .postgres(let url) = settings.store.url else { throw Self.otherStore }
                return PostgresDatabase(try PostgresOptions(connectionString: url.connectionString.exposed))
            }
        }
    }

    /// - Throws: ``SheafError`` where the debouncer is not on Redis.
    public var redis: RedisClient {
        get throws {
            try part(close: { await $0.close() }) {
                guard case .redis(let url) = settings.debouncer.url else {
                    throw SheafError(.invalid, field: "debouncer.url", "no Redis is configured")
                }
                return RedisClient(
                    RedisOptions(
                        host: url.host, port: url.port, password: url.password?.exposed, database: url.database,
                        shards: settings.redis.shards))
            }
        }
    }

    private static var otherStore: SheafError {
        SheafError(.invalid, field: "store.url", "another kind of store is configured")
    }

    public var store: any EventStore {
        get throws {
            try part(as: (any EventStore).self) {
                switch settings.store.url {
                case .sqlite: SQLiteStore(try sqlite)
                case .postgres: PostgresStore(try postgres)
                }
            }
        }
    }

    /// How far the store's schema is, found without making or changing anything.
    ///
    /// - Throws: ``SheafError`` `unavailable` or `storage` where the store cannot be used.
    public func storeSchema() async throws -> SchemaState {
        guard case .sqlite(let path) = settings.store.url, !FileManager.default.fileExists(atPath: path) else {
            return try await store.schema()
        }
        // Opening the file would make it.
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw SheafError(
                .storage, field: "store.url", "there is no database at \(path), and none can be made in its folder")
        }
        return .missing
    }

    public var debouncer: any Debouncer {
        get throws {
            try part(as: (any Debouncer).self) {
                switch (settings.debouncer.url, settings.store.url) {
                case (.redis, _): RedisDebouncer(try redis)
                case (.store, .sqlite): SQLiteDebouncer(try sqlite)
                case (.store, .postgres): PostgresDebouncer(try postgres)
                }
            }
        }
    }

    /// What the processes on this store tell each other of their stages; `nil` where one process works on it.
    public var stageReports: (any StageReports)? {
        get throws {
            try part(as: (any StageReports)?.self) {
                switch settings.store.url {
                case .sqlite: nil
                case .postgres: PostgresStageReports(try postgres)
                }
            }
        }
    }

    /// Held by one of all processes on this store at a time.
    public var lock: any DistributedLock {
        get throws {
            try part(as: (any DistributedLock).self) {
                switch (settings.debouncer.url, settings.store.url) {
                case (_, .postgres): PostgresLock(try postgres)
                case (.redis, .sqlite): RedisLock(try redis)
                // One process works on a SQLite file.
                case (.store, .sqlite): MemoryLock(clock: try clock)
                }
            }
        }
    }
}
