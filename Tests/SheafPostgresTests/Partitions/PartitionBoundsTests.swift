import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Bounds of partitions of events on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5)))
struct PartitionBoundsTests {
    @Test("Events of clocks that are far ahead are stored, found and moved on as the last partition is")
    func ahead() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let ahead = Samples(start: now + PartitionTimes.day * 3000)
            let events = ahead.events(3)
            try await store.relay(events)
            for week in 1...8 {
                try await store.maintain(at: now + PartitionTimes.day * 7 * week)
                let partitions = try await store.checkPartitions()
                let lower = try #require(partitions.last?.lower?.timestamp)
                #expect(lower - now < PartitionTimes.day * 7 * week + PartitionTimes.width * 2)
            }
            #expect(try await store.unassignedEvents(events.map(\.id)) == events)
        }
    }

    @Test("There are sixteen at most, and no event is without one, though the oldest is kept")
    func number() async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            for day in stride(from: 0, to: 300, by: 3) {
                let today = now + PartitionTimes.day * day
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
        let day = Timestamp(microseconds: 20_000 * PartitionTimes.day.microseconds)
        #expect(
            last.nextBound(at: day + .seconds(1), width: PartitionTimes.day)
                == .lowerBound(at: day + PartitionTimes.day))
        let next = EventPartition(name: "a", lower: .lowerBound(at: day + PartitionTimes.day), upper: nil)
        #expect(next.nextBound(at: day, width: PartitionTimes.day) == .lowerBound(at: day + PartitionTimes.day * 2))
        let future = EventPartition(name: "a", lower: .lowerBound(at: day + PartitionTimes.day * 2), upper: nil)
        #expect(future.nextBound(at: day + .seconds(1), width: PartitionTimes.day) == nil)
        #expect(EventPartition.batches(of: [last], before: day, retention: PartitionTimes.retention) == nil)
        #expect(EventPartition.batches(of: [last, future], before: day, retention: .seconds(3600)) == nil)
        let old = EventID.lowerBound(at: day - PartitionTimes.width * 2)
        let bounds = EventPartition.batches(of: [last, future], before: day, retention: PartitionTimes.retention)
        #expect(bounds == EventBatches(before: old, from: .lowerBound(at: day + PartitionTimes.day * 2)))
    }

    @Test(
        "Events of a clock that was far ahead are removed after their retention, and normal ones are, too",
        arguments: [20, 10_100])
    func aheadAndOld(count: Int) async throws {
        try await withPartitionedStore { store, _ in
            let now = store.database.clock.now
            try await store.maintain(at: now)
            let normal = Samples(start: now).event()
            try await store.relay([normal])
            let first = Samples(start: now + PartitionTimes.day * 400).eventID()
            try await store.database.run(
                """
                INSERT INTO events (id, "window", source, type, recipient, occurred_at, received_at, payload)
                SELECT (left(\(first.description), 19) || 'c000-' || lpad(to_hex(n), 12, '0'))::uuid, -1 - n / 5, 1, 1,
                    n / 5, 0, \(now), '{}'
                FROM generate_series(0, \(count - 1)) AS n
                """)
            try await store.database.run(
                """
                INSERT INTO ended_windows
                    (id, type, recipient, opened_at, closes_at, ended_at, events, alone, first_event, last_event)
                SELECT "window", 1, min(recipient), 0, 0, \(now), count(*), false,
                    (array_agg(id ORDER BY id))[1], (array_agg(id ORDER BY id DESC))[1]
                FROM events WHERE "window" < 0 GROUP BY "window"
                """)
            let digest = Samples(start: now).digest([normal])
            try await store.digest([digest])
            try await store.deliver([digest])
            // No earlier than after retention.
            try await store.maintain(at: now + PartitionTimes.retention)
            #expect(try await store.prune(before: now) == 0)
            for week in 0..<4 {
                let later = now + PartitionTimes.retention + PartitionTimes.day + PartitionTimes.day * 7 * week
                try await store.maintain(at: later)
                while try await store.prune(before: later - PartitionTimes.retention) > 0 {}
            }
            #expect(try await store.database.run("SELECT count(*) FROM events") { try $0[0].integer(0) } == 0)
            #expect(try await store.ended() == 0)
            let partitions = try await store.checkPartitions()
            let lower = try #require(partitions.last?.lower?.timestamp)
            #expect(
                lower - now > PartitionTimes.retention
                    && lower - now < PartitionTimes.retention + PartitionTimes.day * 60)
        }
    }
}
