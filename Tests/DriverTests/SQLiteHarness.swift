import Foundation
import SheafCore
import SheafTesting

@testable import SheafSQLite

/// The store on SQLite, in its own folder, on a clock that checks move.
final class SQLiteHarness: EventStoreHarness, TypeRevisionsHarness {
    private let clock = TestClock()
    private let folder: URL
    private let database: SQLiteDatabase
    let store: any EventStore

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        database = try SQLiteDatabase(path: folder.appending(path: "test.db").path, synchronous: .normal, clock: clock)
        store = SQLiteStore(database)
        try await store.migrate()
    }

    var keepsClaims: Bool { false }

    var revisions: any TypeRevisions { SQLiteTypeRevisions(database) }

    func reopen() async throws -> any EventStore { SQLiteStore(try open()) }

    func otherRevisions() async throws -> any TypeRevisions { SQLiteTypeRevisions(try open()) }

    private func open() throws -> SQLiteDatabase {
        try SQLiteDatabase(path: folder.appending(path: "test.db").path, clock: clock)
    }

    func counts() async throws -> (kept: StoreCounts, counted: StoreCounts)? {
        try await database.read { database in
            let counted = try database.first(
                """
                SELECT (SELECT ifnull(sum(events), 0) FROM windows),
                    (SELECT count(*) FROM windows WHERE state = 0 AND alone = 0 OR state = 3),
                    (SELECT count(*) FROM events WHERE "window" IS NULL AND status IS NULL),
                    (SELECT count(*) FROM notifications WHERE status = 0), (SELECT count(*) FROM dead_letters)
                """
            ) { columns in
                StoreCounts(
                    events: Int(columns.integer(0)), windows: Int(columns.integer(1)),
                    unassigned: Int(columns.integer(2)), pending: Int(columns.integer(3)),
                    deadLetters: Int(columns.integer(4)))
            }
            return (try StoreCounts(in: database), counted ?? .zero)
        }
    }

    func advance(by duration: Duration) async throws { clock.advance(by: duration) }

    func tearDown() async {
        await store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
