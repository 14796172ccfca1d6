import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafSQLite

extension SQLiteStore {
    fileprivate func accept(_ events: [Event]) async throws -> [AppendOutcome] {
        try await transaction("test") { try $0.accept(events.map { AdmittedEvent($0, .relayed) }) }
    }
}

@Suite("Producer ids on SQLite")
struct ProducerIDsTests {
    private struct Failure: Error {}

    /// A file that several processes write.
    private struct File {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")

        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

        func open() async throws -> SQLiteStore {
            let store = SQLiteStore(
                try SQLiteDatabase(
                    path: folder.appending(path: "test.db").path, synchronous: .normal, clock: TestClock(),
                    producerIDs: ProducerIDs(generation: 16)))
            try await store.migrate()
            return store
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    private static func uuid(_ random: inout SplitMix64) -> String {
        EventID(high: random.next() & ~0xF000 | 0x4000, low: random.next()).description
    }

    @Test(
        "Each id is claimed once, in any form, despite rollbacks, restarts and other processes",
        arguments: [1, 2, 3, 4] as [UInt64])
    func once(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let (file, samples) = (try File(), Samples())
        defer { file.remove() }
        var stores = [try await file.open(), try await file.open()]
        var holders: [String: EventID] = [:]
        var known: [String] = []
        for number in 0..<400 {
            let store = stores[Int.random(in: 0...1, using: &random)]
            let batch = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                switch Int.random(in: 0..<6, using: &random) {
                case 0: known.randomElement(using: &random) ?? "first"
                case 1: "event-\(number)"
                case 2: "event-\(Int.random(in: 0..<10_000, using: &random))"
                case 3: Self.uuid(&random).uppercased()
                default: Self.uuid(&random)
                }
            }
            let events = batch.map { samples.event(producerID: $0) }
            if Int.random(in: 0..<8, using: &random) == 0 {
                await #expect(throws: Failure.self) {
                    try await store.transaction("test") { transaction in
                        _ = try transaction.accept(events.map { AdmittedEvent($0, .relayed) })
                        throw Failure()
                    }
                }
                continue
            }
            let outcomes = try await store.accept(events)
            for (event, outcome) in zip(events, outcomes) {
                let id = try #require(event.producerID)
                if let holder = holders[id] {
                    #expect(outcome == .duplicate(of: holder), "\(id)")
                } else {
                    #expect(outcome == .stored, "\(id)")
                    holders[id] = event.id
                    known.append(id)
                }
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                let index = Int.random(in: 0...1, using: &random)
                await stores[index].close()
                stores[index] = try await file.open()
            }
        }
        for store in stores {
            for id in known.shuffled(using: &random).prefix(200) {
                let found = try await store.event(publicID: id, source: nil)
                #expect(found?.event.id == holders[id] && found?.event.producerID == id)
            }
            let stored = try await store.event(publicID: Self.uuid(&random), source: nil)
            #expect(stored == nil)
            await store.close()
        }
    }

    @Test("Random ids move from the log to the tree")
    func moved() async throws {
        var random = SplitMix64(seed: 7)
        let (file, samples) = (try File(), Samples())
        defer { file.remove() }
        let store = try await file.open()
        for _ in 0..<20 {
            _ = try await store.accept((0..<500).map { _ in samples.event(producerID: Self.uuid(&random)) })
        }
        let (log, all) = try await store.database.read { database in
            try (
                database.first("SELECT count(*) FROM recent_ids") { $0.integer(0) } ?? 0,
                database.first(
                    """
                    SELECT count(*) FROM
                        (SELECT producer_id FROM recent_ids UNION SELECT producer_id FROM producer_ids)
                    """
                ) { $0.integer(0) } ?? 0
            )
        }
        #expect(all == 10_000)
        #expect(log < all / 2)
        await store.close()
    }
}
