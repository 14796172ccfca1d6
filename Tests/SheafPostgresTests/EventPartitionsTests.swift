import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Partitions of events on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5)))
struct EventPartitionsTests {
    private static let day = Duration.seconds(86_400)
    private static let retention = day * 90
    private static let width = EventPartition.width(for: retention)

    private func withStore(_ body: (PostgresStore, PostgresSchemaOfTest) async throws -> Void) async throws {
        try await withSchema { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            try await store.migrate()
            _ = try await store.statistics()
            try await body(store, schema)
            await store.close()
        }
    }

    // MARK: Dropping

    @Test("What has ended beyond its retention goes with its partition, and the next one takes its range")
    func dropping() async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            let (old, young) = (Samples(start: now), Samples(start: now + Self.width + Self.day))
            try await store.maintain(at: now)
            let ends = try await store.partitions().compactMap(\.upper)
            #expect(ends.count == 2)
            let events = [old.event(producerID: "a"), old.event(recipient: 43), young.event()]
            let digests = [old.digest([events[0]]), old.digest([events[1]]), young.digest([events[2]])]
            try await store.relay(events)
            try await store.digest(digests)
            try await store.deliver(digests)
            try await store.transaction("note") {
                try $0.note(events.map { HistoryNote(subject: .event($0.id), at: $0.receivedAt, step: .swept) })
            }
            let end = try #require(ends.first).timestamp
            #expect(try await store.maintain(at: end + Self.retention - .seconds(1)) == 0)
            #expect(try await store.prune(before: end - .seconds(1)) == 0)
            #expect(try await store.events(events.map(\.id)).count == 3)
            #expect(try await store.maintain(at: end + Self.retention) == 2)
            #expect(try await store.events(events.map(\.id)).map(\.event) == [events[2]])
            #expect(try await store.notes(of: events.map { .event($0.id) }).map(\.subject) == [.event(events[2].id)])
            // The windows, and nothing of the partition that is not over.
            #expect(try await store.prune(before: end) > 0)
            #expect(try await store.prune(before: end) == 0)
            #expect(try await store.ended() == 1)
            #expect(try await store.relay([old.event(producerID: "a")]) == [.duplicate(of: events[0].id)])
            // A clock that is far behind.
            let late = old.event()
            #expect(try await store.relay([late]) == [.stored(retracting: 0)])
            #expect(try await store.unassignedEvents([late.id]) == [late])
            try await store.checkPartitions()
        }
    }

    /// Why a partition is kept.
    enum Need: CaseIterable { case liveWindow, unassigned, pending, deadLetter, deadLately, endedLately }

    @Test("A partition stays as long as something in it is needed", arguments: Need.allCases)
    func needed(_ need: Need) async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            let start = now - Self.day * 20
            let samples = Samples(start: start)
            try await store.maintain(at: start)
            let event = samples.event()
            let digest = samples.digest([event])
            try await store.accept([event], as: need == .liveWindow ? .window(WindowPolicy()) : .relayed)
            switch need {
            case .liveWindow, .unassigned: break
            case .pending: try await store.digest([digest])
            case .deadLetter, .endedLately:
                try await store.digest([digest])
                try await store.deliver([digest])
            case .deadLately: _ = try await store.transaction("dead") { try $0.markDead([event.id], reason: "test") }
            }
            if need == .deadLetter {
                try await store.transaction("dead") { [samples] in
                    try $0.insert([samples.deadLetter(.event(event.id))])
                }
            }
            let endedLater = need == .endedLately || need == .deadLately
            let moment = endedLater ? now - Self.day : now + Self.day
            #expect(try await store.maintain(at: moment + Self.retention) == 0)
            #expect(try await store.prune(before: moment) == 0)
            #expect(try await store.events([event.id]).map(\.event) == [event])
            switch need {
            case .liveWindow, .unassigned: try await store.database.run("UPDATE events SET status = 3, finished_at = 0")
            case .pending: try await store.deliver([digest])
            case .deadLetter: try await store.database.run("DELETE FROM dead_letters")
            case .deadLately, .endedLately: break
            }
            if need == .liveWindow { try await store.database.run("DELETE FROM windows") }
            if need == .unassigned { try await store.database.run("UPDATE events SET finished_at = 1") }
            #expect(try await store.maintain(at: now + Self.day + Self.retention) == 1)
            #expect(try await store.events([event.id]).isEmpty)
            try await store.checkPartitions()
        }
    }

    @Test("What could not be dropped as a whole goes row by row, as all does that is kept for less than two days")
    func batches() async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            let samples = Samples(start: now)
            try await store.maintain(at: now)
            let events = samples.events(2)
            let digest = samples.digest([events[0]])
            try await store.relay(events)
            try await store.digest([digest])
            try await store.deliver([digest])
            let later = now + Self.width * 2
            #expect(try await store.maintain(at: later + Self.retention) == 0)
            #expect(try await store.prune(before: later) == 2)
            #expect(try await store.events(events.map(\.id)).map(\.event) == [events[1]])
            try await store.digest([samples.digest([events[1]], composition: .suppressed(reason: "test"))])
            #expect(try await store.maintain(at: now + .seconds(3600), Self.day) == 0)
            #expect(try await store.prune(before: now + .seconds(3600)) == 2)
        }
    }

    @Test("Many events are dropped in a moment, and leave nothing")
    func many() async throws {
        try await withStore { store, _ in
            let count = PostgresServer.isLongRun ? 1_000_000 : 200_000
            let now = store.database.clock.now
            let (samples, later) = (Samples(start: now), now + Self.width * 2)
            try await store.maintain(at: now)
            let first = samples.eventID()
            let last = EventID(high: first.high, low: .max)
            try await store.database.run("INSERT INTO sources (name) VALUES ('http')")
            try await store.database.run(
                """
                INSERT INTO events (id, "window", source, type, recipient, occurred_at, received_at, payload)
                SELECT (left(\(first.description), 19) || 'c000-' || lpad(to_hex(n), 12, '0'))::uuid, n / 1000, 1, 1,
                    n / 1000, 0, 0, repeat('x', 200)
                FROM generate_series(1, \(count)) AS n
                """)
            try await store.database.run(
                """
                INSERT INTO ended_windows
                    (id, type, recipient, opened_at, closes_at, ended_at, events, alone, first_event, last_event)
                SELECT n, 1, n, 0, 0, 0, 1000, false, \(first), \(last) FROM generate_series(0, \(count / 1000)) AS n
                """)
            let before = try await store.bytes()
            let start = ContinuousClock.now
            #expect(try await store.maintain(at: later + Self.retention) == count)
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(try await store.bytes() < min(before / 100, 2_000_000))
        }
    }

    // MARK: Clocks

    @Test("Events of clocks that are far ahead are stored, found and moved on as the last partition is")
    func ahead() async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let ahead = Samples(start: now + Self.day * 3000)
            let events = ahead.events(3)
            try await store.relay(events)
            for week in 1...8 {
                try await store.maintain(at: now + Self.day * 7 * week)
                let partitions = try await store.checkPartitions()
                let lower = try #require(partitions.last?.lower?.timestamp)
                #expect(lower - now < Self.day * 7 * week + Self.width * 2)
            }
            #expect(try await store.unassignedEvents(events.map(\.id)) == events)
        }
    }

    @Test("There are sixteen at most, and no event is without one, though the oldest is kept")
    func number() async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            for day in stride(from: 0, to: 300, by: 3) {
                let today = now + Self.day * day
                try await store.maintain(at: today)
                let partitions = try await store.checkPartitions()
                #expect(partitions.count <= EventPartition.limit)
                // All but the first are dropped.
                if day % 30 == 0 { try await store.relay([Samples(start: today).event()]) }
                try await store.database.run(
                    "UPDATE events SET status = 3, finished_at = 0 WHERE received_at > \(now + .seconds(1))")
            }
            #expect(try await store.partitions().count > 10)
        }
    }

    @Test("Partitions follow from retention")
    func widths() {
        let hours = [(1, 4), (48, 4), (49, 5), (2160, 180), (87_600, 7300)]
        for (retention, width) in hours {
            #expect(EventPartition.width(for: .seconds(3600 * retention)) == .seconds(3600 * width))
        }
        let last = EventPartition(name: "events_0", lower: nil, upper: nil)
        let day = Timestamp(microseconds: 20_000 * Self.day.microseconds)
        #expect(last.nextBound(at: day + .seconds(1), width: Self.day) == .lowerBound(at: day + Self.day))
        let next = EventPartition(name: "a", lower: .lowerBound(at: day + Self.day), upper: nil)
        #expect(next.nextBound(at: day, width: Self.day) == .lowerBound(at: day + Self.day * 2))
        let future = EventPartition(name: "a", lower: .lowerBound(at: day + Self.day * 2), upper: nil)
        #expect(future.nextBound(at: day + .seconds(1), width: Self.day) == nil)
        #expect(EventPartition.batchBound(of: [last], before: day, retention: Self.retention) == nil)
        #expect(EventPartition.batchBound(of: [future], before: day, retention: .seconds(3600)) == nil)
    }

    // MARK: Others at the same time

    @Test("Processes that maintain and store at once, also ones that are killed, leave whole partitions")
    func atOnce() async throws {
        try await withStore { store, schema in
            let now = store.database.clock.now
            let stores = (0..<2).map { _ in PostgresStore(PostgresDatabase(schema.options)) }
            let stored = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    group.addTask {
                        for day in stride(from: 0, to: 240, by: 4) {
                            // One whose connection is ended goes on with another.
                            _ = try? await store.maintain(at: now + Self.day * day)
                        }
                    }
                }
                group.addTask {
                    for day in 0..<120 {
                        let event = Samples(start: now + Self.day * (day * 2)).event()
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

    @Test("While somebody reads for long, nothing is dropped, and nothing fails; a half-done preparation is no harm")
    func readers() async throws {
        try await withStore { store, schema in
            let now = store.database.clock.now
            let (samples, later) = (Samples(start: now), now + Self.width * 2 + Self.retention)
            try await store.maintain(at: now)
            let event = samples.event()
            try await store.relay([event])
            try await store.digest([samples.digest([event], composition: .suppressed(reason: "test"))])
            let reader = try await PostgresConnection.open(schema.options)
            try await reader.run { session in
                try session.rows("BEGIN")
                try session.rows("SELECT count(*) FROM events")
            }
            #expect(try await store.maintain(at: later) == 0)
            #expect(try await store.partitions().count == 3)
            try await reader.run { _ = try $0.rows("COMMIT") }
            await reader.close()
            let next = try await store.partitions()[1]
            try await schema.run("ALTER TABLE \(next.name) DROP CONSTRAINT IF EXISTS bounds")
            try await schema.run("ALTER TABLE \(next.name) ADD CONSTRAINT bounds CHECK (id IS NOT NULL) NOT VALID")
            #expect(try await store.maintain(at: later) == 1)
            try await store.checkPartitions()
        }
    }

    // MARK: Across partitions

    @Test("A window's events are found, told and erased across partitions")
    func across() async throws {
        try await withStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let samples = Samples(start: now - Self.day)
            let next = Samples(start: now + Self.width + Self.day)
            let events = [
                samples.event(producerID: "a"), next.event(producerID: "b"),
                Samples(start: now + Self.day * 1000).event(producerID: "c"),
            ]
            for event in events { try await store.accept([event], as: .window(WindowPolicy(length: .seconds(60)))) }
            #expect(try await store.flush(events[0].windowKey))
            let claim = try #require(
                try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30)).claims.first)
            #expect(claim.events == events)
            let digest = samples.digest(claim)
            try await store.digest([digest])
            #expect(try await store.events(toldBy: digest.id) == events.map(\.id))
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
        try await withStore { store, _ in
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

extension PostgresStore {
    /// A round of maintenance as if it were `now`.
    @discardableResult
    fileprivate func maintain(at now: Timestamp, _ retention: Duration = .seconds(90 * 86_400)) async throws -> Int {
        try await dropEvents(before: now - retention, retention: retention)
    }

    fileprivate func prune(before moment: Timestamp) async throws -> Int {
        try await transaction("prune") { try $0.prune(.events, before: moment, limit: 100) }
    }

    @discardableResult
    fileprivate func accept(_ events: [Event], as admission: Admission) async throws -> [AppendOutcome] {
        try await transaction("accept") { try $0.accept(Samples.admitted(events, as: admission)) }
    }

    @discardableResult
    fileprivate func relay(_ events: [Event]) async throws -> [AppendOutcome] {
        try await accept(events, as: .relayed)
    }

    fileprivate func digest(_ digests: [Digest]) async throws {
        let ended = try await transaction("digest") { try $0.digest(digests) }
        #expect(ended == Set(digests.map(\.id)))
    }

    fileprivate func deliver(_ digests: [Digest]) async throws {
        let records = digests.map {
            DeliveryRecord(notification: $0.id, attempt: Samples.attempt(1, at: TestClock.start, .delivered))
        }
        _ = try await transaction("record") { try $0.record(records) }
    }

    fileprivate func partitions() async throws -> [EventPartition] {
        try await database.access { try EventPartition.all($0) }
    }

    fileprivate func ended() async throws -> Int64 {
        try await database.run("SELECT count(*) FROM ended_windows") { try $0[0].integer(0) }
    }

    /// What events and their indexes take.
    fileprivate func bytes() async throws -> Int64 {
        try await database.run(
            """
            SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'events'::regclass
            """
        ) { try $0[0].integer(0) }
    }

    /// Looks whether each identifier has exactly one partition.
    @discardableResult
    fileprivate func checkPartitions() async throws -> [EventPartition] {
        let partitions = try await partitions()
        #expect(partitions.first?.lower == nil && partitions.last?.upper == nil)
        #expect(zip(partitions, partitions.dropFirst()).allSatisfy { $0.upper != nil && $0.upper == $1.lower })
        return partitions
    }
}
