import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Clocks that differ from PostgreSQL's", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(5)))
struct ClockAheadTests {
    private let samples = Samples()
    private let limits = DueLimits(serviceWait: .seconds(60), lease: .seconds(30))
    private static let hours: Int64 = 3 * 3600 * 1_000_000

    private func claim(_ store: PostgresStore) async throws -> [ClaimedWindow] {
        try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30)).claims
    }

    @Test("Due times written while the server's clock was ahead are corrected")
    func ahead() async throws {
        try await withSchema { schema in
            let database = PostgresDatabase(schema.options)
            let store = PostgresStore(database)
            try await store.migrate()
            for (recipient, length) in [(1, 60), (2, 0), (3, 0)] as [(RecipientID, Int)] {
                let policy = WindowPolicy(length: .seconds(length))
                _ = try await store.transaction("accept") { [samples] in
                    try $0.accept(Samples.admitted([samples.event(recipient: recipient)], as: .window(policy)))
                }
            }
            let claims = try await claim(store)
            #expect(Set(claims.map(\.window.key.recipient)) == [2, 3])
            let waiting = claims.filter { $0.window.key.recipient == 2 }
            try await store.postpone(
                waiting.map { Postponement($0, delay: .seconds(10), reason: .service, maxEvents: 10) })
            let body = MessageBody.notification(samples.digest([samples.event()]).id)
            try await store.transaction("publish") {
                try $0.publish([QueueMessage(key: 1, body: body, attempt: 1, delay: .seconds(20))])
            }
            // As if a clock that was three hours ahead had written everything.
            try await database.run(
                """
                UPDATE windows SET opened_at = opened_at + \(Self.hours), closes_at = closes_at + \(Self.hours),
                    due = due + \(Self.hours),
                    lease_until = CASE lease_until WHEN 0 THEN 0 ELSE lease_until + \(Self.hours) END
                """)
            try await database.run(
                "UPDATE outbox SET due = due + \(Self.hours), written_at = written_at + \(Self.hours)")
            #expect(try await store.boundDues(limits) == 4)
            #expect(try await store.boundDues(limits) == 0)
            let dues = try await database.run("SELECT recipient, due, lease_until FROM windows ORDER BY recipient") {
                try $0.map { (try $0.integer(0), try $0.timestamp(1), try $0.timestamp(2)) }
            }
            // The process's estimate of the server's clock may differ from it by a round trip.
            let (now, error) = (database.clock.now, Duration.seconds(1))
            #expect(dues.map(\.0) == [1, 2, 3])
            #expect((.seconds(50) ... .seconds(60) + error).contains(dues[0].1 - now))
            #expect((.seconds(50) ... .seconds(60) + error).contains(dues[1].1 - now))
            #expect(dues[2].2 - now <= .seconds(30) + error)
            let furthest = try #require(try await store.statistics().furthestDueAt)
            #expect(furthest - now <= .seconds(60) + error)
            await store.close()
        }
    }

    @Test("A window for a time of day that opened weeks ahead is due at the next one")
    func schedule() async throws {
        try await withSchema { schema in
            let database = PostgresDatabase(schema.options)
            let store = PostgresStore(database)
            try await store.migrate()
            let schedule = DeliverySchedule(at: try #require(TimeOfDay("09:00")), days: [.mon], zone: "Europe/Berlin")
            _ = try await store.describe(2, RecipientChange(timeZone: .set("Asia/Tokyo")))
            let events = [1, 2].map { AdmittedEvent(samples.event(recipient: $0), .scheduled(schedule)) }
            try await store.transaction("accept") { _ = try $0.accept(events) }
            let before = try await store.openWindows(after: nil, limit: 9).items
            #expect(try await store.boundDues(limits) == 0)
            try await database.run(
                "UPDATE windows SET opened_at = opened_at + \(250 * Self.hours), closes_at = closes_at + \(250 * Self.hours)"
            )
            #expect(try await store.boundDues(limits) == 2)
            #expect(try await store.boundDues(limits) == 0)
            let after = try await store.openWindows(after: nil, limit: 9).items
            // Unless the hour changes during this test.
            #expect(after.map(\.closesAt) == before.map(\.closesAt) || after[0].closesAt > before[0].closesAt)
            await store.close()
        }
    }

    @Test("The server's clock is used from the first access on, however far ahead the host's is")
    func firstObservation() async throws {
        let clock = DatabaseClock()
        let behind = clock.now - .seconds(3600)
        clock.observe(behind)
        #expect((.zero ... .seconds(5)).contains(clock.now - behind))
    }
}
