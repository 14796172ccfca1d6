import Foundation
import SheafSQLite
import SheafTesting
import Testing

@Suite("The files of an embedded database")
struct SQLiteFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    /// The modes of the database and its files, after something was written.
    private func modes(existing: Int? = nil) async throws -> [Int?] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "test.db").path
        if let existing {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: existing])
        }
        let database = try SQLiteDatabase(path: path, clock: TestClock())
        try await SQLiteStore(database).migrate()
        let modes = try ["", "-wal", "-shm"].map { try mode(path + $0) }
        await database.close()
        return modes
    }

    @Test("Only its owner can read a new file, since it holds payloads")
    func new() async throws {
        #expect(try await modes() == [0o600, 0o600, 0o600])
    }

    @Test("An existing file keeps its mode")
    func existing() async throws {
        #expect(try await modes(existing: 0o640) == [0o640, 0o640, 0o640])
    }
}
