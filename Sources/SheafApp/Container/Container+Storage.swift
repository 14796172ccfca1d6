import Foundation
public import SheafCore
import SheafMemory

// Storage: the driver of each port is chosen by its address, in ``StoreDriver`` and ``DebouncerDriver``.

extension Container {
    var storeDriver: StoreDriver { StoreDriver(settings.store) }

    var storeParts: StoreParts {
        get async throws { try await part(close: { await $0.close() }) { try await storeDriver.open(self) } }
    }

    /// `nil` if windows live in the store.
    var debouncerDriver: DebouncerDriver? {
        get async throws {
            try await part(close: { await $0?.close() }) { DebouncerDriver.configured(settings) }
        }
    }

    public var store: any EventStore {
        get async throws { try await part(as: (any EventStore).self) { try await storeParts.store } }
    }

    /// This process's clock, or the store's.
    public var clock: any TimeSource {
        get async throws {
            try await part(as: (any TimeSource).self) {
                if let clock = storeDriver.clock { clock } else { try await storeParts.clock }
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
        storeDriver.file.flatMap { FileManager.default.fileExists(atPath: $0) ? nil : $0 }
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
        try requireDatabase()
        try await storeParts.backUp(path)
    }

    /// Holds windows outside the store; `nil` if they live in the store.
    public var debouncer: (any Debouncer)? {
        get async throws { try await part(as: (any Debouncer)?.self) { try await debouncerDriver?.debouncer } }
    }

    /// The stage reports between the processes on this store; `nil` if there is only one process.
    public var stageReports: (any StageReports)? {
        get async throws { try await part(as: (any StageReports)?.self) { try await storeParts.stageReports } }
    }

    /// Only one of the processes on this store can hold it at a time.
    public var lock: any DistributedLock {
        get async throws {
            try await part(as: (any DistributedLock).self) {
                if let lock = try await storeParts.lock { return lock }
                if let lock = try await debouncerDriver?.lock { return lock }
                return try await MemoryLock(clock: clock)
            }
        }
    }
}
