import BlockingIO
import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Transactions on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(3)))
struct PostgresTransactionTests {
    /// Runs `body` with a migrated store in a schema of its own.
    private func withStore(
        connections: Int = 4, _ body: (PostgresStore, PostgresSchemaOfTest) async throws -> Void
    ) async throws {
        try await withSchema(connections: connections) { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            try await store.migrate()
            try await body(store, schema)
            await store.close()
        }
    }

    @Test("A transaction that is the victim of a deadlock is run again")
    func deadlock() async throws {
        try await withStore { store, schema in
            let database = store.database
            try await schema.run("INSERT INTO locks VALUES ('a', '', 0, 0), ('b', '', 0, 0)")
            let runs = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [["a", "b"], ["b", "a"]] {
                    group.addTask {
                        try await database.transaction { session in
                            runs.add()
                            for name in order {
                                try session.rows("UPDATE locks SET fence = fence + 1 WHERE name = \(name)")
                                // Long enough for the other to take its first lock.
                                try session.rows("SELECT pg_sleep(0.3)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value > 2)
            let fences = try await database.run("SELECT fence FROM locks") { try $0.map { try $0.integer(0) } }
            #expect(fences == [2, 2])
        }
    }

    @Test("A transaction that cannot be serialised is run again, a bounded number of times")
    func serialization() async throws {
        try await withStore { store, _ in
            let database = store.database
            let runs = Tally()
            let raise: PostgresQuery = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$"
            try await database.transaction { session in
                if runs.add() < 2 { try session.rows(.once(raise)) }
            }
            #expect(runs.value == 3)
            let error = await failure {
                try await database.transaction { session in
                    runs.add()
                    _ = try session.rows(.once(raise))
                }
            }
            #expect(error?.code == .unavailable && runs.value < 20)
        }
    }

    @Test("Four processes migrate at once, and again; a newer schema is refused")
    func migration() async throws {
        try await withSchema { schema in
            let stores = (0..<4).map { _ in PostgresStore(PostgresDatabase(schema.options)) }
            #expect(try await stores[0].schema() == .missing)
            for _ in 0..<2 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for store in stores { group.addTask { try await store.migrate() } }
                    try await group.waitForAll()
                }
            }
            #expect(try await stores[0].schema() == .current)
            try await schema.run("UPDATE sheaf_schema SET version = version + 1")
            let second = await failure { try await stores[1].migrate() }
            #expect(second?.code == .storage)
            let third = await failure { try await stores[1].schema() }
            #expect(third?.code == .storage)
            for store in stores { await store.close() }
        }
    }

    @Test("A database of a version before the first release is refused")
    func ancientSchema() async throws {
        try await withSchema { schema in
            try await schema.run("CREATE TABLE sheaf_schema (version bigint NOT NULL)")
            try await schema.run("INSERT INTO sheaf_schema VALUES (3)")
            try await schema.run("CREATE TABLE bindings (id uuid PRIMARY KEY)")
            let store = PostgresStore(PostgresDatabase(schema.options))
            let errors = [await failure { try await store.schema() }, await failure { try await store.migrate() }]
            #expect(errors.allSatisfy { $0?.code == .storage && $0?.message.contains("first release") == true })
            await store.close()
        }
    }

    @Test("Without the schema, the error says what to do")
    func unmigrated() async throws {
        try await withSchema { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            let error = await failure { try await store.statistics() }
            #expect(error?.code == .storage && error?.message.contains("migration") == true)
            await store.close()
        }
    }

    @Test("A transaction of 500 events costs four round trips, and as many statements as one of two")
    func batches() async throws {
        try await withStore { store, _ in
            let samples = Samples()
            var counts: [Int] = []
            for size in [2, 500] {
                let events = (0..<size).map { samples.event(source: "s\(size)", producerID: "\(size)-\($0)") }
                let known = events.map { samples.event(source: "s\(size)", producerID: $0.producerID) }
                let count = try await store.transaction("accept") { transaction in
                    let session = (transaction as? PostgresTransaction)?.session
                    let before = session?.roundTrips ?? 0
                    _ = try transaction.accept(Samples.admitted(events, as: .alone))
                    _ = try transaction.accept(Samples.admitted(known, as: .alone))
                    try transaction.publish(events.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
                    return (session?.roundTrips ?? 0) - before
                }
                counts.append(count)
            }
            // The source, the producer ids, and those already known with their holders.
            #expect(counts == [4, 4])
        }
    }

    @Test("Rows written about an event or a notification during its erasure are erased too")
    func erasedMeanwhile() async throws {
        try await withStore { store, schema in
            let samples = Samples()
            let event = samples.event()
            let digest = samples.digest([event], composition: .notification(Samples.content))
            _ = try await store.transaction("prepare") { transaction in
                _ = try transaction.accept([AdmittedEvent(event, .relayed)])
                return try transaction.digest([digest])
            }
            // Each has written and waits a moment before it commits, while the other begins.
            async let recorded = store.transaction("record") { transaction in
                _ = try transaction.record([
                    DeliveryRecord(notification: digest.id, attempt: Samples.attempt(1, at: samples.start, .retry))
                ])
                try (transaction as? PostgresTransaction)?.session.rows("SELECT pg_sleep(0.6)")
            }
            async let noted = store.transaction("note") { transaction in
                try transaction.note([HistoryNote(subject: .event(event.id), at: transaction.now, step: .swept)])
                try (transaction as? PostgresTransaction)?.session.rows("SELECT pg_sleep(1.2)")
            }
            try await Task.sleep(for: .milliseconds(200))
            while try await store.transaction("erase", { try $0.erase(recipient: Samples.recipient, limit: 100) }) > 0 {
            }
            _ = try await (recorded, noted)
            let left = try await store.database.run(
                """
                SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM notes),
                    (SELECT count(*) FROM notifications), (SELECT count(*) FROM events)
                """
            ) { rows in try (0..<4).map { try rows[0].integer($0) } }
            #expect(left == [0, 0, 0, 0])
        }
    }

    @Test("Texts with U+0000 are stored with the replacement character")
    func nul() async throws {
        try await withStore { store, _ in
            let samples = Samples()
            let event = samples.event()
            var content = Samples.content
            content.fullTitle = "a\0b"
            let digest = samples.digest([event], composition: .notification(content))
            let letter = DeadLetter(
                id: samples.deadLetterID(), topic: "t", reason: "bad_payload", error: "e\0", message: "\0", body: nil,
                recipient: nil, failedAt: samples.start)
            try await store.transaction("nul") { transaction in
                _ = try transaction.accept([AdmittedEvent(event, .relayed)])
                _ = try transaction.digest([digest])
                try transaction.insert([letter])
            }
            #expect(try await store.notifications([digest.id]).first?.content.fullTitle == "a\u{FFFD}b")
            #expect(try await store.deadLetters(after: nil, limit: 1).first?.message == "\u{FFFD}")
        }
    }
}

/// Runs `body` with an empty schema of its own, once the server has connections to spare. Tests with their own
/// databases, which load or measure the server, run one after the other.
func withSchema(
    connections: Int = 4, lease: Duration = .seconds(3), heartbeat: Duration = .milliseconds(500),
    isDatabase: Bool = false, _ body: (PostgresSchemaOfTest) async throws -> Void
) async throws {
    let permits = isDatabase ? [TestPermits.databases, .shared] : [.shared]
    for permit in permits { await permit.take() }
    do {
        let schema = try await PostgresSchemaOfTest(
            connections: connections, lease: lease, heartbeat: heartbeat, isDatabase: isDatabase)
        try await body(schema)
        try await schema.drop()
    } catch {
        for permit in permits { await permit.giveBack() }
        throw error
    }
    for permit in permits { await permit.giveBack() }
}
