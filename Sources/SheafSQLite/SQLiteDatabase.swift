import CSQLite
import FoundationEssentials
import GRDB
public import SheafCore
import Synchronization

/// One SQLite file, shared by the store and its outbox: a writer with its own queue, and a few readers.
public final class SQLiteDatabase: Sendable {
    /// When SQLite syncs to disk.
    public enum Synchronous: String, Sendable, CaseIterable {
        /// At each commit: committed data survives a power failure.
        case full
        /// At checkpoints: committed data survives a kill, but a power failure may lose the last moments.
        case normal
    }

    let clock: any TimeSource
    /// Signalled when messages were written to the outbox, by topic.
    let outboxWakeUps: [Topic: WakeUp]
    /// Signalled when a window may be due earlier than expected.
    let windowsChanged = WakeUp()
    let claims = WindowClaims()
    let producerIDs: ProducerIDs
    /// Windows up to this number were opened by a clock that agrees with this process's, or were corrected.
    let checkedWindows = Atomic<WindowID>(0)
    /// When the next window is due, as far as the waiting tasks know; `nil` if they know nothing.
    private let expectedDue = Mutex<Timestamp?>(nil)
    private let pool: DatabasePool
    private let questions = Slots(SQLiteDatabase.readers - 1)
    private static let readers = 3
    private let writes: WriteQueue
    private let files: DatabaseFiles
    /// Retries emptying the write-ahead log until it succeeds.
    private let scrubbing = Mutex<Task<Void, Never>?>(nil)

    /// Opens the file, or creates one that only its owner can read, since it will hold payloads.
    ///
    /// - Throws: ``SheafError`` `storage` if it cannot be opened.
    public convenience init(
        path: String, synchronous: Synchronous = .full, clock: any TimeSource
    ) throws(SheafError) {
        try self.init(path: path, synchronous: synchronous, clock: clock, producerIDs: ProducerIDs())
    }

    init(
        path: String, synchronous: Synchronous, clock: any TimeSource, producerIDs: ProducerIDs
    ) throws(SheafError) {
        self.clock = clock
        self.producerIDs = producerIDs
        _ = Self.memoryStatisticsAreOff
        outboxWakeUps = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, WakeUp()) })
        var configuration = Configuration()
        configuration.label = "sheaf.sqlite"
        configuration.busyMode = .timeout(Double(Self.busyTimeout) / 1000)
        configuration.maximumReaderCount = Self.readers
        configuration.prepareDatabase { database in
            // Must come first: SQLite refuses it once a slot is in use.
            sheaf_sqlite_set_lookaside(database.sqliteConnection, 1024, 512)
            // A negative value is in KiB. The writer's working set is the open windows and the ends of the tables.
            try database.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY")
        }
        _ = DatabaseFiles.create(path)
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let files = DatabaseFiles(path: path)
            self.files = files
            writes = WriteQueue(pool, producerIDs) { try files.check() }
            try pool.writeWithoutTransaction { database in
                // After GRDB, which sets NORMAL for WAL.
                try database.execute(
                    sql: """
                        PRAGMA synchronous = \(synchronous.rawValue.uppercased());
                        PRAGMA cache_size = -49152;
                        PRAGMA wal_autocheckpoint = 4000;
                        PRAGMA journal_size_limit = 67108864;
                        -- Otherwise older states of a row stay in the file, and no erasure finds them.
                        PRAGMA secure_delete = ON
                        """)
            }
        } catch {
            throw Self.translate(error)
        }
    }

    /// Turns off SQLite's memory statistics, which nobody reads; their lock takes a twentieth of the time. If another
    /// part of the process has already opened a connection, they stay on.
    private static let memoryStatisticsAreOff = sheaf_sqlite_disable_memory_statistics() == SQLITE_OK

    /// Brings the schema up to date.
    func migrate() async throws {
        do {
            try await pool.writeWithoutTransaction { try SQLiteSchema.migrate($0) }
        } catch { throw Self.translate(any: error) }
    }

    /// Runs `body` in one transaction on the writer, which it may share with other calls.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        do { return try await writes.write(body) } catch { throw Self.translate(any: error) }
    }

    /// Runs `body` on a snapshot beside the writer, for queries. Their number is limited, so that a connection stays
    /// free for the engine's work.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await questions.run { try await self.readForWork(body) }
    }

    /// Runs `body` on a snapshot beside the writer, for the engine's work; queries do not delay it.
    func readForWork<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try files.check()
        do { return try await pool.read(body) } catch { throw Self.translate(any: error) }
    }

    /// Runs a statement that cannot be part of a transaction.
    func withoutTransaction(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try files.check()
        do { try await pool.writeWithoutTransaction(body) } catch { throw Self.translate(any: error) }
    }

    /// Runs `body` beside the writer, without a transaction, so each statement may see another state. A single query
    /// saves the beginning and end of a transaction.
    func look<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do { return try await pool.unsafeRead(body) } catch { throw Self.translate(any: error) }
    }

    /// Records when the tasks that wait for the next window expect it.
    func expectDue(at moment: Timestamp?) { expectedDue.withLock { $0 = moment } }

    /// Applies a transaction's effects on this process, once it is durable.
    func carryOut(_ effects: CommitEffects) async {
        claims.end(effects.endedWindows)
        for topic in effects.publishedTopics { outboxWakeUps[topic]?.notify() }
        if let dueAt = effects.dueAt {
            let isEarlier = expectedDue.withLock { expected in
                if let known = expected, known <= dueAt { return false }
                if expected != nil { expected = dueAt }
                return true
            }
            if isEarlier { windowsChanged.notify() }
        }
        if effects.hasErased { await emptyLog() }
    }

    /// Closes the connections once running accesses have ended.
    public func close() async {
        scrubbing.withLock { $0?.cancel() }
        // Close readers first: the last connection, if it can write, moves the write-ahead log into the file.
        pool.releaseMemory()
        // Closing waits for running accesses; a reader that is still busy at the deadline keeps its connection until
        // the process exits.
        try? pool.close()
    }

    /// Empties the write-ahead log, which may hold data that was erased from the file.
    ///
    /// It must wait for readers, such as a backup. It waits a moment, and then keeps trying in the background.
    public func emptyLog() async {
        guard await !emptiesLog() else { return }
        scrubbing.withLock { task in
            if let task, !task.isCancelled { return }
            task = Task { [self] in
                repeat { try? await Task.sleep(for: .seconds(1)) } while await !emptiesLog() && !Task.isCancelled
                scrubbing.withLock { $0 = nil }
            }
        }
    }

    /// - Returns: whether it was emptied, or the database is closed.
    private func emptiesLog() async -> Bool {
        do {
            try await pool.writeWithoutTransaction { database in
                // A long read must not block the writer for long.
                try database.execute(sql: "PRAGMA busy_timeout = 200")
                defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.busyTimeout)") }
                _ = try database.checkpoint(.truncate)
            }
            return true
        } catch let error as DatabaseError {
            return error.resultCode != .SQLITE_BUSY && error.resultCode != .SQLITE_LOCKED
        } catch {
            return true
        }
    }

    /// How long to wait for a lock of another process, in milliseconds.
    private static let busyTimeout = 10_000

    private static func translate(any error: any Error) -> any Error {
        error is DatabaseError ? translate(error) : error
    }

    /// Translates an error into Sheaf's; SQLite's own messages hold no values.
    private static func translate(_ error: any Error) -> SheafError {
        guard let error = error as? DatabaseError else {
            return error as? SheafError ?? SheafError(.storage, field: "store.url", "the database cannot be used")
        }
        let text = "SQLite: \(error.message ?? error.resultCode.description)"
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY,
            .SQLITE_NOMEM, .SQLITE_INTERRUPT:
            SheafError(.unavailable, field: "store.url", text)
        case .SQLITE_CONSTRAINT: SheafError(.conflict, text)
        default: SheafError(.storage, field: "store.url", text)
        }
    }
}
