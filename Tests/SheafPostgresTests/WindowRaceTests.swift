import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Windows shared by processes on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(8)))
struct WindowRaceTests {
    private let limits = ClaimLimits(windows: 500, events: 10_000)

    private func process(_ schema: PostgresSchemaOfTest) -> PostgresStore {
        PostgresStore(PostgresDatabase(schema.options))
    }

    private func accept(
        _ events: [Event], _ store: PostgresStore, _ policy: WindowPolicy = WindowPolicy()
    ) async throws {
        _ = try await store.transaction("accept") { try $0.accept(Samples.admitted(events, as: .window(policy))) }
    }

    @Test(
        "Three processes that fill and digest the same 50 windows never deadlock, and notify each event once",
        .serialized,
        arguments: [
            WindowPolicy(length: .milliseconds(150)), WindowPolicy(length: .seconds(60), maxEvents: 7),
            WindowPolicy(mode: .sliding, length: .milliseconds(60), maxWait: .milliseconds(200)),
            WindowPolicy(mode: .leading, length: .milliseconds(100)),
        ])
    func sameWindows(_ policy: WindowPolicy) async throws {
        try await withSchema(isDatabase: true) { schema in
            let stores = (0..<3).map { _ in process(schema) }
            try await stores[0].migrate()
            let (accepted, notified) = (Tally(), Tally())
            let end = ContinuousClock.now + .seconds(PostgresServer.isLongRun ? 60 : 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    let samples = Samples()
                    for _ in 0..<2 {
                        group.addTask {
                            while ContinuousClock.now < end {
                                let events = (0..<100).map { _ in samples.event(recipient: Int64.random(in: 0..<50)) }
                                try await accept(events, store, policy)
                                accepted.add(events.count)
                            }
                        }
                    }
                    group.addTask {
                        while ContinuousClock.now < end || notified.value < accepted.value {
                            notified.add(try await digestDue(store, samples))
                            if ContinuousClock.now > end {
                                for recipient in Int64(0)..<50 {
                                    _ = try await store.flush(Samples.key(recipient: recipient))
                                }
                            }
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await schema.check(
                """
                SELECT count(*) = \(accepted.value) AND count(DISTINCT e.id) = \(accepted.value)
                FROM events e JOIN ended_windows w ON w.id = e."window"
                """)
            try await schema.check("SELECT sum(event_count) = \(accepted.value) FROM notifications")
            try await schema.check("SELECT sum(events) = \(accepted.value) FROM ended_windows")
            try await schema.check("SELECT NOT EXISTS (SELECT FROM windows WHERE events > 0)")
            try await schema.check("SELECT deadlocks = 0 FROM pg_stat_database WHERE datname = current_database()")
            for store in stores { await store.close() }
        }
    }

    /// Digests due windows.
    /// - Returns: how many events were notified.
    private func digestDue(_ store: PostgresStore, _ samples: Samples) async throws -> Int {
        let claims = try await store.claim(ClaimLimits(windows: 100, events: 1000), lease: .seconds(20)).claims
        guard !claims.isEmpty else { return 0 }
        let digests = claims.map { samples.digest($0) }
        let stored = try await store.transaction("digest") { try $0.digest(digests) }
        try await store.nack(zip(claims, digests).filter { !stored.contains($0.1.id) }.map(\.0))
        return digests.filter { stored.contains($0.id) }.reduce(0) { $0 + $1.events.count }
    }

    @Test("An event whose transaction is open while its window falls due is in its digest, and nobody waits meanwhile")
    func openTransaction() async throws {
        try await withSchema { schema in
            let (store, other) = (process(schema), process(schema))
            try await store.migrate()
            let policy = WindowPolicy(length: .milliseconds(300))
            let events = Samples().events(2)
            let bystander = Samples().event(recipient: 43)
            try await accept([events[0], bystander], store, policy)
            let (hasJoined, mayCommit) = (Tally(), Tally())
            let joining = Task {
                try await other.transaction("accept") { transaction in
                    _ = try transaction.accept(Samples.admitted([events[1]], as: .window(policy)))
                    // Makes the transaction write now instead of deferring.
                    _ = try transaction.markDead([bystander.id], reason: "none")
                    hasJoined.add()
                    while mayCommit.value == 0 { usleep(5_000) }
                }
            }
            while hasJoined.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(400))
            let start = ContinuousClock.now
            let early = try await store.claim(limits, lease: .seconds(20))
            #expect(ContinuousClock.now - start < .milliseconds(200))
            #expect(early.claims.map(\.events) == [[bystander]] && early.nextDueIn == .zero)
            mayCommit.add()
            try await joining.value
            let late = try await store.claim(limits, lease: .seconds(20)).claims
            #expect(late.map(\.events) == [events] && late[0].revision == 1)
            let digest = Samples().digest(late[0])
            #expect(try await store.transaction("digest") { try $0.digest([digest]) } == [digest.id])
            #expect(try await store.notifications([digest.id]).first?.eventCount == 2)
            await store.close()
            await other.close()
        }
    }

    @Test("An event that waited for the lock of a window until it was due gets the next window")
    func lateEvent() async throws {
        try await withSchema { schema in
            let (store, other) = (process(schema), process(schema))
            try await store.migrate()
            let policy = WindowPolicy(length: .milliseconds(300))
            let events = Samples().events(3)
            try await accept([events[0]], store, policy)
            let hasJoined = Tally()
            let joining = Task {
                try await other.transaction("accept") { transaction in
                    _ = try transaction.accept(Samples.admitted([events[1]], as: .window(policy)))
                    _ = try transaction.readmit([events[2].id]) { _ in nil }
                    hasJoined.add()
                    usleep(500_000)
                }
            }
            while hasJoined.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await accept([events[2]], store, policy)
            try await joining.value
            let claims = try await store.claim(limits, lease: .seconds(20)).claims
            #expect(claims.map(\.events) == [[events[0], events[1]]])
            #expect(try await store.openWindows(after: nil, limit: 9).items.map(\.events) == [1])
            await store.close()
            await other.close()
        }
    }

    @Test("A digest is refused if its window changed or has other events")
    func changedWindow() async throws {
        try await withSchema { schema in
            let store = process(schema)
            try await store.migrate()
            let samples = Samples()
            for change in ["revision = revision + 1", "token = token - 1", "events = events + 1", "id = id + 100"] {
                let event = samples.event()
                _ = try await store.transaction("accept") { try $0.accept([AdmittedEvent(event, .alone)]) }
                let claim = try #require(try await store.claim(limits, lease: .seconds(20)).claims.first)
                try await schema.run("UPDATE windows SET \(change)")
                let digest = samples.digest(claim)
                #expect(try await store.transaction("digest") { try $0.digest([digest]) }.isEmpty)
                #expect(try await store.notifications([digest.id]).isEmpty)
                #expect(try await store.events([event.id]).first?.status == .new)
                try await schema.run("DELETE FROM windows")
            }
            await store.close()
        }
    }

    @Test(
        "Processes that join, retract and digest the same windows never deadlock, and each event ends once",
        .serialized, arguments: [true, false])
    func retractions(isRelayed: Bool) async throws {
        try await withSchema(isDatabase: true) { schema in
            let stores = (0..<3).map { _ in process(schema) }
            try await stores[0].migrate()
            let (accepted, notified, retracted) = (Tally(), Tally(), Tally())
            let policy = WindowPolicy(length: .milliseconds(100))
            let end = ContinuousClock.now + .seconds(PostgresServer.isLongRun ? 60 : 2)
            let fields = [PayloadField("post", .integer)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    let samples = Samples()
                    group.addTask {
                        while ContinuousClock.now < end {
                            // Every fourth retracts others; both types have windows that others fill.
                            let events = (0..<60).map { index in
                                let post = Int64.random(in: 0..<4)
                                let event = samples.event(
                                    recipient: Int64.random(in: 0..<20), type: index % 4 == 0 ? 2 : 1,
                                    keyPart: "\(post % 2)", payload: #"{"post":\#(post)}"#)
                                return AdmittedEvent(
                                    event, isRelayed && index % 2 == 1 ? .relayed : .window(policy),
                                    retracting: index % 4 == 0
                                        ? Retraction(of: 1, by: fields, [.integer(post)]) : nil)
                            }
                            let outcomes = try await store.transaction("accept") { try $0.accept(events) }
                            accepted.add(events.count)
                            for case .retracting(let count) in outcomes { retracted.add(count) }
                            let some = events.shuffled().prefix(5).map(\.event.id)
                            retracted.add(try await store.transaction("retract") { try $0.retract(some) }.count)
                            let waiting = events.filter { $0.admission == .relayed }.map(\.event)
                            let free = try await store.unassignedEvents(waiting.map(\.id))
                            let digests = Dictionary(grouping: free, by: \.windowKey).values.map { samples.digest($0) }
                            let done = try await store.transaction("digest") { try $0.digest(digests) }
                            notified.add(digests.filter { done.contains($0.id) }.reduce(0) { $0 + $1.events.count })
                        }
                    }
                    group.addTask {
                        while ContinuousClock.now < end {
                            notified.add(try await digestDue(store, samples))
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let samples = Samples()
            while try await !schema.isTrue("SELECT NOT EXISTS (SELECT FROM windows)") {
                notified.add(try await digestDue(stores[0], samples))
                try await Task.sleep(for: .milliseconds(5))
            }
            let left = try await stores[0].unassignedEvents(
                stores[0].staleEvents(type: 1, before: Timestamp(microseconds: .max), after: nil, limit: 100_000)
                    .map(\.id)
            ).count
            #expect(notified.value + retracted.value + left == accepted.value)
            #expect(notified.value > 0 && retracted.value > 0)
            try await schema.check("SELECT sum(event_count) = \(notified.value) FROM notifications")
            try await schema.check("SELECT count(*) = \(retracted.value) FROM ended_windows WHERE reason = 'retracted'")
            try await schema.check(
                """
                SELECT count(*) = \(accepted.value - left) FROM events e JOIN ended_windows w ON w.id = e."window"
                """)
            try await schema.check("SELECT deadlocks = 0 FROM pg_stat_database WHERE datname = current_database()")
            for store in stores { await store.close() }
        }
    }

    @Test("Another process is notified of windows due at once, and not of those it finds by polling")
    func hearing() async throws {
        // Notices reach a whole database.
        try await withSchema(isDatabase: true) { schema in
            let (store, other) = (process(schema), process(schema))
            try await store.migrate()
            _ = try await other.claim(limits, lease: .seconds(1))
            try await Task.sleep(for: .milliseconds(500))
            var generation = other.windowsChanged.generation
            try await accept(Samples().events(1), store)
            try await Task.sleep(for: .milliseconds(300))
            #expect(other.windowsChanged.generation == generation)
            generation = other.windowsChanged.generation
            let event = Samples().event()
            _ = try await store.transaction("accept") { try $0.accept([AdmittedEvent(event, .alone)]) }
            try await other.windowsChanged.wait(after: generation, atMost: .seconds(2), on: other.database.clock)
            #expect(other.windowsChanged.generation > generation)
            await store.close()
            await other.close()
        }
    }

    @Test("Operations take few round trips, whatever their size")
    func roundTrips() async throws {
        // All statements use one connection, which counts them.
        try await withSchema(connections: 1) { schema in
            let store = process(schema)
            try await store.migrate()
            let samples = Samples()
            // Queries that a process makes only once are not counted.
            try await accept([samples.event(recipient: -1)], store)
            let events = (0..<500).map { samples.event(recipient: Int64($0 / 5), producerID: "\($0)") }
            let policy = WindowPolicy(length: .milliseconds(1))
            var counts: [Int] = []
            func count<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
                let before = try await store.database.access { $0.roundTrips }
                let result = try await body()
                counts.append(try await store.database.access { $0.roundTrips } - before)
                return result
            }
            try await count { try await accept(events, store, policy) }
            try await Task.sleep(for: .milliseconds(50))
            let claims = try await count { try await store.claim(limits, lease: .seconds(20)) }.claims
            #expect(claims.count == 100 && claims.allSatisfy { $0.events.count == 5 })
            let digests = claims.map { samples.digest($0) }
            let stored = try await count { try await store.transaction("digest") { try $0.digest(digests) } }
            #expect(stored.count == 100)
            let consumer = try await store.outboxConsumer(of: .notificationSend)
            let messages = try await consumer.receive(limit: 500)
            #expect(messages.count == 100)
            let attempt = Samples.attempt(1, at: samples.start, .delivered)
            try await count {
                try await store.transaction("record") { transaction in
                    try transaction.record(
                        digests.map { DeliveryRecord(notification: $0.id, attempt: attempt) })
                    try transaction.acknowledge(messages)
                }
            }
            #expect(counts == [2, 2, 2, 2])
            await store.close()
        }
    }
}
