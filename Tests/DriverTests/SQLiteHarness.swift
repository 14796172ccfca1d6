import Foundation
import SheafCore
import SheafSQLite
import SheafTesting

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

    func advance(by duration: Duration) async throws { clock.advance(by: duration) }

    func tearDown() async {
        await store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
