import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Dropping partitions of events on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5)))
struct PartitionDroppingTests {
    @Test("What has ended beyond its retention goes with its partition, and the next one takes its range")
    func dropping() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            let (old, young) = (Samples(start: now), Samples(start: now + PartitionTimes.width + PartitionTimes.day))
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
            #expect(try await store.maintain(at: end + PartitionTimes.retention - .seconds(1)) == 0)
            #expect(try await store.prune(before: end - .seconds(1)) == 0)
            #expect(try await store.events(events.map(\.id)).count == 3)
            #expect(try await store.maintain(at: end + PartitionTimes.retention) == 2)
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
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            let start = now - PartitionTimes.day * 20
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
            let moment = endedLater ? now - PartitionTimes.day : now + PartitionTimes.day
            #expect(try await store.maintain(at: moment + PartitionTimes.retention) == 0)
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
            #expect(try await store.maintain(at: now + PartitionTimes.day + PartitionTimes.retention) == 1)
            #expect(try await store.events([event.id]).isEmpty)
            try await store.checkPartitions()
        }
    }

    @Test("What could not be dropped as a whole goes row by row, as all does that is kept for less than two days")
    func batches() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            let samples = Samples(start: now)
            try await store.maintain(at: now)
            let events = samples.events(2)
            let digest = samples.digest([events[0]])
            try await store.relay(events)
            try await store.digest([digest])
            try await store.deliver([digest])
            let later = now + PartitionTimes.width * 2
            #expect(try await store.maintain(at: later + PartitionTimes.retention) == 0)
            #expect(try await store.prune(before: later) == 2)
            #expect(try await store.events(events.map(\.id)).map(\.event) == [events[1]])
            try await store.digest([samples.digest([events[1]], composition: .suppressed(reason: "test"))])
            #expect(try await store.maintain(at: now + .seconds(3600), PartitionTimes.day) == 0)
            #expect(try await store.prune(before: now + .seconds(3600)) == 2)
        }
    }

    @Test("Many events are dropped in a moment, and leave nothing")
    func many() async throws {
        try await withPartitionedStore { store, _ in
            let count = PostgresServer.isLongRun ? 1_000_000 : 200_000
            let now = store.database.clock.now
            let (samples, later) = (Samples(start: now), now + PartitionTimes.width * 2)
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
            #expect(try await store.maintain(at: later + PartitionTimes.retention) == count)
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(try await store.bytes() < min(before / 100, 2_000_000))
        }
    }

    @Test("While somebody reads for long, nothing is dropped, and nothing fails; a half-done preparation is no harm")
    func readers() async throws {
        try await withPartitionedStore { store, schema in
            let now = store.database.clock.now
            let (samples, later) = (Samples(start: now), now + PartitionTimes.width * 2 + PartitionTimes.retention)
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
}
