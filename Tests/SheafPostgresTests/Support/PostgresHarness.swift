import SheafCore
import SheafTesting
import Synchronization

@testable import SheafPostgres

/// The drivers on PostgreSQL, in their own schema.
final class PostgresHarness: EventStoreHarness, DistributedLockHarness, StageReportsHarness,
    TypeRevisionsHarness
{
    enum Clock {
        /// Checks move the clock. Consumers of the outbox keep their leases, which they extend as real time passes.
        case moved
        case server
    }

    let tick: Duration
    let margin: Duration
    let isExact: Bool

    private let schema: PostgresSchemaOfTest
    private let database: PostgresDatabase
    private let databases: Mutex<[PostgresDatabase]>
    let store: any EventStore
    let lock: any DistributedLock
    let reports: any StageReports
    let revisions: any TypeRevisions

    init(_ clock: Clock = .moved) async throws {
        let isMoved = clock == .moved
        tick = isMoved ? .seconds(1) : .milliseconds(200)
        // Longer than the least time after which a claim says that something falls due.
        margin = isMoved ? .milliseconds(50) : .milliseconds(150)
        isExact = isMoved
        await TestPermits.shared.take()
        do {
            schema = try await PostgresSchemaOfTest(
                lease: isMoved ? .seconds(100_000) : .milliseconds(1500), heartbeat: .milliseconds(300),
                movesClock: isMoved)
        } catch {
            await TestPermits.shared.giveBack()
            throw error
        }
        database = PostgresDatabase(schema.options)
        databases = Mutex([database])
        store = PostgresStore(database)
        lock = PostgresLock(database)
        reports = PostgresStageReports(database, lifetime: tick * 10)
        revisions = PostgresTypeRevisions(database)
        try await store.migrate()
    }

    func reopen() async throws -> any EventStore {
        for database in databases.withLock({ $0 }) { await database.outbox.abandon() }
        return PostgresStore(open())
    }

    func otherProcess() async throws -> any DistributedLock { PostgresLock(open()) }

    func otherReports() async throws -> any StageReports { PostgresStageReports(open(), lifetime: tick * 10) }

    func otherRevisions() async throws -> any TypeRevisions { PostgresTypeRevisions(open()) }

    private func open() -> PostgresDatabase {
        let database = PostgresDatabase(schema.options)
        databases.withLock { $0.append(database) }
        return database
    }

    func counts() async throws -> (kept: StoreCounts, counted: StoreCounts)? {
        try await database.run(
            """
            SELECT coalesce(sum(c.events), 0)::bigint, coalesce(sum(c.windows), 0)::bigint,
                coalesce(sum(c.unassigned), 0)::bigint, coalesce(sum(c.pending), 0)::bigint,
                coalesce(sum(c.dead_letters), 0)::bigint,
                (SELECT coalesce(sum(events), 0)::bigint FROM windows),
                (SELECT count(*) FROM windows WHERE state = 0 AND NOT alone OR state = 2),
                (SELECT count(*) FROM events WHERE "window" IS NULL AND status IS NULL),
                (SELECT count(*) FROM notifications WHERE status = 0), (SELECT count(*) FROM dead_letters)
            FROM counters c
            """
        ) { rows in
            func counts(from column: Int32) throws -> StoreCounts {
                let numbers = try (column..<column + 5).map { Int(try rows[0].integer($0)) }
                return StoreCounts(
                    events: numbers[0], windows: numbers[1], unassigned: numbers[2], pending: numbers[3],
                    deadLetters: numbers[4])
            }
            return (try counts(from: 0), try counts(from: 5))
        }
    }

    func advance(by duration: Duration) async throws {
        guard let clock = schema.clock else { return try await Task.sleep(for: duration) }
        try await clock.advance(by: duration, in: database)
    }

    func tearDown() async {
        for database in databases.withLock({ $0 }) { await database.close() }
        try? await schema.drop()
        await TestPermits.shared.giveBack()
    }
}
