import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite(
    "Work on events in several partitions on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5))
)
struct PartitionAccessTests {
    @Test("Partitions belong to the owner of the table, whichever of its members makes them")
    func owners() async throws {
        try await withPartitionedStore { store, schema in
            let roles = ["owner", "a", "b"].map { "\(schema.name)_\($0)" }
            try await schema.run("CREATE ROLE \(roles[0])")
            for role in roles.dropFirst() { try await schema.run("CREATE ROLE \(role) LOGIN IN ROLE \(roles[0])") }
            try await schema.run("GRANT ALL ON SCHEMA \(schema.name) TO \(roles[0])")
            let tables = try await store.database.run(
                "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
            ) { try $0.map { try $0.text(0) } }
            for table in tables { try await schema.run("ALTER TABLE \(table) OWNER TO \(roles[0])") }
            let stores = roles.dropFirst().map { role in
                var options = schema.options
                options.parameters["user"] = role
                return PostgresStore(PostgresDatabase(options))
            }
            let now = store.database.clock.now
            for round in 0..<30 { try await stores[round % 2].maintain(at: now + PartitionTimes.day * 7 * round) }
            let partitions = try await store.checkPartitions()
            // Those that are over were dropped.
            #expect(partitions.count > 10 && partitions.count < EventPartition.limit)
            let owners = try await store.database.run(
                """
                SELECT DISTINCT relowner::regrole::text FROM pg_class
                WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass)
                """
            ) { try $0.map { try $0.text(0) } }
            #expect(owners == [roles[0]])
            // One of another owner makes all events go in batches, and nothing fails.
            try await schema.run("ALTER TABLE \(partitions[1].name) OWNER TO \(roles[1])")
            try await stores[1].maintain(at: now + PartitionTimes.day * 300)
            let rows = try await store.database.run("SELECT FROM event_pruning") { $0.count }
            #expect(rows == 0)
            for store in stores { await store.close() }
            for role in roles.reversed() { try await schema.run("DROP OWNED BY \(role) CASCADE") }
            for role in roles.reversed() { try await schema.run("DROP ROLE \(role)") }
        }
    }

    @Test("Processes that maintain and store at once, also ones that are killed, leave whole partitions")
    func atOnce() async throws {
        try await withPartitionedStore { store, schema in
            let now = store.database.clock.now
            let stores = (0..<2).map { _ in PostgresStore(PostgresDatabase(schema.options)) }
            let stored = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    group.addTask {
                        for day in stride(from: 0, to: 240, by: 4) {
                            // One whose connection is ended goes on with another.
                            _ = try? await store.maintain(at: now + PartitionTimes.day * day)
                        }
                    }
                }
                group.addTask {
                    for day in 0..<120 {
                        let event = Samples(start: now + PartitionTimes.day * (day * 2)).event()
                        do { stored.add(try await store.relay([event]).count) } catch let error as SheafError {
                            #expect(error.code == .unavailable)
                        }
                        if day % 30 == 29 { try await schema.terminateConnections() }
                    }
                }
                try await group.waitForAll()
            }
            try await store.checkPartitions()
            let count = try await store.database.run("SELECT count(*) FROM events") { Int(try $0[0].integer(0)) }
            #expect(stored.value > 0 && count >= stored.value)
            let tables = try await store.database.run(
                """
                SELECT count(*) FROM pg_class
                WHERE relname LIKE 'events\\_%' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
                """
            ) { Int(try $0[0].integer(0)) }
            #expect(try await store.partitions().count == tables)
            for store in stores { await store.close() }
        }
    }

    @Test("A window's events are found, notified and erased across partitions")
    func across() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let samples = Samples(start: now - PartitionTimes.day)
            let next = Samples(start: now + PartitionTimes.width + PartitionTimes.day)
            let events = [
                samples.event(producerID: "a"), next.event(producerID: "b"),
                Samples(start: now + PartitionTimes.day * 1000).event(producerID: "c"),
            ]
            for event in events { try await store.accept([event], as: .window(WindowPolicy(length: .seconds(60)))) }
            #expect(try await store.flush(events[0].windowKey))
            let claim = try #require(
                try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30)).claims.first)
            #expect(claim.events == events)
            let digest = samples.digest(claim)
            try await store.digest([digest])
            #expect(try await store.events(in: digest.id) == events.map(\.id))
            for event in events {
                #expect(try await store.event(publicID: event.id.description, source: nil)?.event == event)
                let id = try #require(event.producerID)
                #expect(try await store.event(publicID: id, source: nil)?.event == event)
            }
            let page = try await store.events(of: Samples.recipient, after: nil, limit: 10)
            #expect(page.items.map(\.stored.event.id) == events.reversed().map(\.id))
            #expect(try await store.publicIDs(of: events.map(\.id)) == ["a", "b", "c"])
            try await store.relay([samples.event(), next.event()])
            var erased = 0
            while case let count = try await store.transaction(
                "erase", { try $0.erase(recipient: Samples.recipient, limit: 2) }),
                count > 0
            { erased += count }
            #expect(erased > 6)
            #expect(try await store.database.run("SELECT count(*) FROM events") { try $0[0].integer(0) } == 0)
            #expect(try await store.relay([samples.event(producerID: "c")]) == [.duplicate(of: events[2].id)])
        }
    }

    @Test("Work on events of one partition locks no other")
    func pruning() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let samples = Samples(start: now)
            let (claimed, relayed) = (samples.events(3), samples.events(4, recipient: 43))
            try await store.accept(claimed, as: .window(WindowPolicy(length: .seconds(60))))
            #expect(try await store.flush(claimed[0].windowKey))
            try await store.relay(relayed)
            let claim = try #require(
                try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30)).claims.first)
            let digests = [
                samples.digest(
                    claim, exceptions: [EventException(event: claimed[0].id, status: .suppressed, reason: "test")]),
                samples.digest([relayed[0]]),
            ]
            let own = try #require(try await store.partitions().first).name
            let locked = try await store.transaction("work") { transaction -> [String] in
                _ = try transaction.digest(digests)
                _ = try transaction.retract([relayed[1].id])
                _ = try transaction.markDead([relayed[2].id], reason: "test")
                _ = try transaction.readmit([relayed[2].id, relayed[3].id]) { _ in .alone }
                try transaction.note([HistoryNote(subject: .event(claimed[1].id), at: now, step: .swept)])
                let session = try #require(transaction as? PostgresTransaction).session
                return try session.rows(
                    """
                    SELECT DISTINCT c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                    WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relname LIKE 'events\\_%'
                    """
                ).map { try $0.text(0) }
            }
            #expect(locked == [own])
            #expect(try await store.events(claimed.map(\.id)).map(\.status) == [.suppressed, .processed, .processed])
        }
    }
}
