import Foundation
import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafPostgres

@Suite("The outbox on PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(4)))
struct OutboxConsumerTests {
    /// A separate process: with its own connections, members and leases.
    private func process(_ schema: PostgresSchemaOfTest) -> PostgresStore {
        PostgresStore(PostgresDatabase(schema.options))
    }

    private func publish(_ messages: [QueueMessage], _ store: PostgresStore) async throws {
        try await store.transaction("publish") { try $0.publish(messages) }
    }

    @Test("A consumer in another process wakes well within a second")
    func wakening() async throws {
        try await withSchema { schema in
            let (writer, reader) = (process(schema), process(schema))
            try await writer.migrate()
            let samples = Samples()
            let consumer = try await reader.outboxConsumer(of: .eventOccurred)
            try await publish(samples.messages(1), writer)
            try await consumer.acknowledge(try await consumer.receive(limit: 10))
            var delays: [Duration] = []
            for _ in 0..<10 {
                let waiting = Task {
                    let messages = try await consumer.receive(limit: 10)
                    return (messages, ContinuousClock.now)
                }
                try await Task.sleep(for: .milliseconds(100))
                let start = ContinuousClock.now
                try await publish(samples.messages(1), writer)
                let (messages, end) = try await waiting.value
                delays.append(end - start)
                try await consumer.acknowledge(messages)
            }
            // With polling alone the median would be half a second.
            #expect(delays.sorted()[5] < .milliseconds(200))
            await writer.close()
            await reader.close()
        }
    }

    @Test("Consumers share the shards; each message is delivered once, in order by recipient")
    func sharing() async throws {
        try await withSchema { schema in
            let stores = (0..<3).map { _ in process(schema) }
            try await stores[0].migrate()
            let seen = Seen()
            let consumers = try await collect(stores, into: seen)
            while try await stores[0].database.countHolders() < 3 { try await Task.sleep(for: .milliseconds(50)) }
            let samples = Samples()
            var sent: [QueueMessage] = []
            for _ in 0..<40 {
                let batch = (0..<50).map { _ in
                    QueueMessage(key: Int64.random(in: 0..<100), body: .event(samples.eventID()))
                }
                sent += batch
                try await publish(batch, stores[2])
            }
            try await waitUntilEmpty(stores[2])
            consumers.forEach { $0.cancel() }
            let received = seen.messages.withLock { $0 }
            #expect(received.count == sent.count && Set(received.map(\.message)) == Set(sent))
            let order = Dictionary(grouping: received.map(\.message), by: \.key)
            let expected = Dictionary(grouping: sent, by: \.key)
            #expect(order == expected)
            #expect(Set(received.map(\.consumer)).count == 3)
            for store in stores { await store.close() }
        }
    }

    @Test("A heartbeat does not wait for another's, even if both memberships have expired")
    func expiredMemberships() async throws {
        try await withSchema { schema in
            let store = process(schema)
            try await store.migrate()
            let members = (0..<2).map { _ in
                OutboxMembership(
                    topic: .eventOccurred, member: IdentifierGenerator.shared.next(at: Samples().start), process: "",
                    lease: .seconds(3))
            }
            for member in members { _ = try await store.database.access { try member.heartbeat($0) } }
            try await schema.run("UPDATE outbox_members SET expires_at = 0")
            let isLocked = Tally()
            let other = Task {
                try await store.database.transaction { session in
                    try session.rows("UPDATE outbox_members SET expires_at = 1 WHERE member = \(members[1].member)")
                    isLocked.add()
                    usleep(1_000_000)
                }
            }
            while isLocked.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            let result = try await store.database.access { try members[0].heartbeat($0) }
            #expect(ContinuousClock.now - start < .milliseconds(700))
            #expect(result.share > 0)
            try await other.value
            await store.close()
        }
    }

    @Test("A message that is committed late is still delivered")
    func lateCommit() async throws {
        try await withSchema { schema in
            let (store, other) = (process(schema), process(schema))
            try await store.migrate()
            let samples = Samples()
            let consumer = try await store.outboxConsumer(of: .eventOccurred)
            let (late, prompt) = (samples.messages(1), samples.messages(3))
            let (hasWritten, mayCommit) = (Tally(), Tally())
            let writing = Task {
                try await other.transaction("late") { transaction in
                    try transaction.publish(late)
                    // Makes the transaction write now instead of deferring.
                    _ = try transaction.markDead([samples.eventID()], reason: "none")
                    hasWritten.add()
                    while mayCommit.value == 0 { usleep(10_000) }
                }
            }
            while hasWritten.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await publish(prompt, store)
            let received = try await consumer.receive(limit: 10)
            #expect(received.map(\.message) == prompt)
            mayCommit.add()
            try await writing.value
            let start = ContinuousClock.now
            #expect(try await consumer.receive(limit: 10).map(\.message) == late)
            #expect(ContinuousClock.now - start < .seconds(1))
            await store.close()
            await other.close()
        }
    }

    @Test("Messages of a dead process are delivered once its lease has expired, and not before")
    func takeOver() async throws {
        try await withSchema(lease: .seconds(2), heartbeat: .milliseconds(300)) { schema in
            let (dying, heir) = (process(schema), process(schema))
            try await dying.migrate()
            let messages = Samples().messages(5)
            let first = try await dying.outboxConsumer(of: .eventOccurred)
            try await publish(messages, dying)
            #expect(try await first.receive(limit: 10).count == 5)
            // A last heartbeat, and no more.
            let start = ContinuousClock.now
            await dying.database.outbox.abandon()
            let second = try await heir.outboxConsumer(of: .eventOccurred)
            #expect(try await second.receive(limit: 10).map(\.message) == messages)
            let time = ContinuousClock.now - start
            #expect(time > .milliseconds(1200) && time < .seconds(10))
            await heir.close()
            await dying.close()
        }
    }

    @Test("A closed consumer releases its shards at once")
    func leaving() async throws {
        try await withSchema(lease: .seconds(60), heartbeat: .seconds(20)) { schema in
            let (first, second) = (process(schema), process(schema))
            try await first.migrate()
            let messages = Samples().messages(5)
            let leaving = try await first.outboxConsumer(of: .eventOccurred)
            try await publish(messages, first)
            #expect(try await leaving.receive(limit: 10).count == 5)
            let staying = try await second.outboxConsumer(of: .eventOccurred)
            let waiting = Task { try await staying.receive(limit: 10) }
            await first.close()
            let start = ContinuousClock.now
            #expect(try await waiting.value.map(\.message) == messages)
            #expect(ContinuousClock.now - start < .seconds(5))
            let error = await failure { try await leaving.receive(limit: 1) }
            #expect(error?.code == .unavailable)
            await second.close()
        }
    }

    @Test("A consumer whose lease expired unnoticed delivers no more messages of shards it lost")
    func overrunLease() async throws {
        try await withSchema { schema in
            let store = process(schema)
            try await store.migrate()
            let consumer = try await store.outboxConsumer(of: .eventOccurred)
            let samples = Samples()
            try await publish(samples.messages(20), store)
            #expect(try await consumer.receive(limit: 5).count == 5)
            // Read ahead, and then taken by another process while this one was paused.
            try await schema.run("UPDATE outbox_shards SET holder = '\(samples.eventID())', lease_until = 9e15::bigint")
            try await #require(consumer as? PostgresOutboxConsumer).expireLease()
            let waiting = Task { try await consumer.receive(limit: 10) }
            try await Task.sleep(for: .seconds(1))
            waiting.cancel()
            let result = await waiting.result
            #expect(throws: CancellationError.self) { try result.get() }
            await store.close()
        }
    }

    @Test("Messages that wait while all connections are lost are delivered afterwards")
    func loss() async throws {
        try await withSchema { schema in
            let store = process(schema)
            try await store.migrate()
            let seen = Seen()
            let consumers = try await collect([store], into: seen)
            let samples = Samples()
            var sent: [QueueMessage] = []
            for round in 0..<30 {
                if round % 10 == 5 { try await schema.terminateConnections() }
                let batch = samples.messages(10)
                while true {
                    do {
                        try await publish(batch, store)
                        break
                    } catch is SheafError { try await Task.sleep(for: .milliseconds(20)) }
                }
                sent += batch
            }
            try await waitUntilEmpty(store)
            consumers.forEach { $0.cancel() }
            #expect(Set(seen.messages.withLock { $0.map(\.message) }).isSuperset(of: sent))
            await store.close()
        }
    }

    @Test("200,000 messages go through, and the table does not grow with them")
    func steadySize() async throws {
        try await withSchema(isDatabase: true) { try await flow(200_000, $0) }
    }

    @Test(
        "1,000,000 messages go through, and the table does not grow with them", .enabled(if: PostgresServer.isLongRun))
    func steadySizeForLong() async throws {
        try await withSchema(isDatabase: true) { try await flow(1_000_000, $0) }
    }

    /// Writes and reads concurrently, and compares size and speed of the first fifth with the last.
    private func flow(_ count: Int, _ schema: PostgresSchemaOfTest) async throws {
        let store = process(schema)
        try await store.migrate()
        let read = Tally()
        let consumer = try await store.outboxConsumer(of: .eventOccurred)
        let readers = (0..<2).map { _ in
            Task {
                while let batch = try? await consumer.receive(limit: 500) {
                    try await consumer.acknowledge(batch)
                    read.add(batch.count)
                }
            }
        }
        var written = 0
        let samples = Samples()
        var sizes: [Int64] = []
        var times: [Duration] = []
        for _ in 0..<5 {
            let start = ContinuousClock.now
            for _ in 0..<(count / 2500) {
                let batch = (0..<500).map { _ in
                    QueueMessage(key: Int64.random(in: 0..<10_000), body: .event(samples.eventID()))
                }
                try await publish(batch, store)
                written += batch.count
                while written - read.value > 20_000 {
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            times.append(ContinuousClock.now - start)
            sizes.append(
                try await store.database.run("SELECT pg_total_relation_size('outbox')") { try $0[0].integer(0) })
        }
        try await waitUntilEmpty(store)
        readers.forEach { $0.cancel() }
        // Without vacuuming, 200,000 messages leave about 23 MiB.
        #expect(sizes[4] < 16 << 20, "\(sizes)")
        #expect(times[4] < times[0] * 3 + .seconds(1), "\(times)")
        await store.close()
    }

    // MARK: Support

    private final class Seen: Sendable {
        let messages = Mutex<[(consumer: Int, message: QueueMessage)]>([])
    }

    /// Tasks that receive and acknowledge until they are cancelled, one for each store.
    private func collect(_ stores: [PostgresStore], into seen: Seen) async throws -> [Task<Void, any Error>] {
        var tasks: [Task<Void, any Error>] = []
        for (index, store) in stores.enumerated() {
            let consumer = try await store.outboxConsumer(of: .eventOccurred)
            tasks.append(
                Task {
                    while !Task.isCancelled {
                        var batch: [ReceivedMessage] = []
                        do {
                            batch = try await consumer.receive(limit: 20)
                            seen.messages.withLock { seen in seen += batch.map { (index, $0.message) } }
                            try await consumer.acknowledge(batch)
                        } catch is SheafError {
                            await consumer.nack(batch)
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                })
        }
        return tasks
    }

    private func waitUntilEmpty(_ store: PostgresStore) async throws {
        while try await store.statistics().backlog[.eventOccurred, default: 0] > 0 {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension PostgresDatabase {
    /// How many consumers hold shards.
    fileprivate func countHolders() async throws -> Int {
        try await run("SELECT count(DISTINCT holder) FROM outbox_shards") { Int(try $0[0].integer(0)) }
    }
}

extension Samples {
    fileprivate func messages(_ count: Int) -> [QueueMessage] {
        (0..<count).map { _ in QueueMessage(key: Samples.recipient, body: .event(eventID())) }
    }
}
