import Dispatch
import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafSQLite

@Suite("Readers of a SQLite file", .timeLimit(.minutes(1)))
struct SQLiteReadersTests {
    @Test("A window is claimed however many queries are running")
    func questions() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(path: folder.appending(path: "test.db").path, clock: TestClock())
        let store = SQLiteStore(database)
        try await store.migrate()
        let samples = Samples()
        _ = try await store.transaction("test") { [samples] in
            try $0.accept(Samples.admitted([samples.event()], as: .alone))
        }
        let isClaimed = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask { try await database.read { _ in _ = isClaimed.wait(timeout: .now() + 20) } }
            }
            let start = ContinuousClock.now
            let claims = try await store.claim(ClaimLimits(windows: 1, events: 1), lease: .seconds(30)).claims
            #expect(claims.count == 1 && ContinuousClock.now - start < .seconds(10))
            for _ in 0..<12 { isClaimed.signal() }
            try await group.waitForAll()
        }
        await store.close()
    }
}
