import CRdKafka
import SheafCore
import SheafKafka
import SheafTesting
import Synchronization
import Testing

@Suite("Kafka under faults")
struct KafkaFaultTests {
    @Test("Brokers that were down lose no published message", .timeLimit(.minutes(2)))
    func brokersAway() async throws {
        let cluster = MockCluster(brokers: 2)
        let queue = try KafkaQueue(cluster.options(["message.timeout.ms": "1000"]), logger: quiet) { _, _ in }
        let consumer = try queue.makeConsumer(of: .eventOccurred)
        let samples = Samples()
        let received = Received()
        let reading = Task { try await received.read(consumer) }
        var published: [QueueMessage] = []
        var failures = 0
        for round in 0..<40 {
            if round == 15 { cluster.setUp(false) }
            if round == 18 { cluster.setUp(true) }
            let messages = (0..<20).map { QueueMessage(key: Int64($0), body: .event(samples.eventID())) }
            do {
                try await queue.publish(messages)
                published += messages
            } catch {
                failures += 1
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(failures > 0, "the fault did not land")
        try await received.wait(for: published)
        reading.cancel()
        _ = await reading.result
        await consumer.close()
        await queue.close()
    }

    @Test(
        "Rebalances every two seconds lose nothing", .timeLimit(.minutes(2)),
        arguments: ["range,roundrobin"] + (MockCluster.isCooperativeSafe ? ["cooperative-sticky"] : []))
    func rebalances(protocols: String) async throws {
        let options = MockCluster.shared.options(["partition.assignment.strategy": protocols])
        let queue = try KafkaQueue(options, logger: quiet) { _, _ in }
        let samples = Samples()
        let received = Received()
        let steady = try queue.makeConsumer(of: .eventOccurred)
        let reading = Task { try await received.read(steady) }
        let publishing = Task {
            var published: [QueueMessage] = []
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(14) {
                let messages = (0..<50).map { QueueMessage(key: Int64($0), body: .event(samples.eventID())) }
                try await queue.publish(messages)
                published += messages
                try await Task.sleep(for: .milliseconds(50))
            }
            return published
        }
        try await received.waitForFirst()
        for _ in 0..<5 {
            let guest = try queue.makeConsumer(of: .eventOccurred)
            let visiting = Task { try await received.read(guest) }
            try await Task.sleep(for: .seconds(2))
            visiting.cancel()
            _ = await visiting.result
            await guest.close()
        }
        let published = try await publishing.value
        try await received.wait(for: published)
        reading.cancel()
        _ = await reading.result
        await steady.close()
        await queue.close()
    }

    @Test("A slow worker is not removed from the group, and receives nothing twice", .timeLimit(.minutes(1)))
    func slowWorker() async throws {
        let options = MockCluster.shared.options(["max.poll.interval.ms": "6000"])
        let queue = try KafkaQueue(options, logger: quiet) { _, _ in }
        let samples = Samples()
        // More messages than the buffer holds.
        let messages = (0..<10_000).map { QueueMessage(key: Int64($0 % 100), body: .event(samples.eventID())) }
        try await queue.publish(messages)
        let consumer = try queue.makeConsumer(of: .eventOccurred)
        var received = try await consumer.receive(limit: 500)
        try await Task.sleep(for: .seconds(9))
        try await consumer.acknowledge(received)
        while received.count < messages.count {
            let batch = try await consumer.receive(limit: 500)
            try await consumer.acknowledge(batch)
            received += batch
        }
        #expect(Set(received.map(\.message)) == Set(messages))
        #expect(Set(received.map(\.position)).count == received.count)
        await consumer.close()
        await queue.close()
    }

    @Test("A refusal ends receiving with an error, and the next call starts again", .timeLimit(.minutes(1)))
    func refused() async throws {
        let cluster = MockCluster(brokers: 1)
        let harness = try await KafkaSourceHarness(cluster.options())
        try await harness.write([
            SourceRecord(
                topic: "", partition: 0, offset: 0, key: nil, value: [42], headers: [], timestamp: nil)
        ])
        cluster.fail(.joinGroup, with: [RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED])
        let source = try await harness.open()
        let error = await #expect(throws: SheafError.self) { try await source.receive(limit: 1) }
        #expect(error?.code == .storage)
        #expect(try await source.receive(limit: 1).count == 1)
        await harness.close(source)
        await harness.tearDown()
    }

    @Test("Reading the queue's progress fails soon while the brokers are down", .timeLimit(.minutes(1)))
    func progress() async throws {
        let cluster = MockCluster(brokers: 2)
        let queue = try KafkaQueue(cluster.options(), logger: quiet) { _, _ in }
        let messages = (0..<50).map { QueueMessage(key: Int64($0), body: .event(Samples().eventID())) }
        try await queue.publish(messages)
        func waiting() async throws -> Int {
            let progress = try await queue.progress(of: .eventOccurred)
            #expect(Set(progress.map(\.partition)) == [0, 1, 2, 3])
            return progress.reduce(0) { $0 + $1.waiting }
        }
        expectEqual(try await waiting(), 50)
        cluster.setUp(false)
        let start = ContinuousClock.now
        let error = await #expect(throws: SheafError.self) { try await queue.progress(of: .eventOccurred) }
        #expect(error?.code == .unavailable, "\(String(describing: error))")
        #expect(ContinuousClock.now - start < .seconds(10))
        cluster.setUp(true)
        try await eventually { expectEqual(try await waiting(), 50) }
        await queue.close()
    }

    @Test("The check returns the brokers, or fails if none responds", .timeLimit(.minutes(1)))
    func check() async throws {
        let cluster = MockCluster(brokers: 3)
        let admin = try KafkaAdmin(cluster.options(), logger: quiet)
        #expect(try await admin.check().count == 3)
        cluster.setUp(false)
        let error = await #expect(throws: SheafError.self) { try await admin.check(timeout: .seconds(1)) }
        #expect(error?.code == .unavailable)
        cluster.setUp(true)
        try await eventually { _ = try await admin.check(timeout: .seconds(1)) }
        await admin.close()
    }
}

/// The messages that consumers received.
final class Received: Sendable {
    private let messages = Mutex<Set<QueueMessage>>([])

    /// Receives and acknowledges until the task is cancelled.
    func read(_ consumer: KafkaQueueConsumer) async throws {
        while true {
            do {
                let batch = try await consumer.receive(limit: 100)
                messages.withLock { $0.formUnion(batch.map(\.message)) }
                try await consumer.acknowledge(batch)
            } catch is SheafError {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    func waitForFirst() async throws {
        while messages.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Waits until all of these were received.
    func wait(for expected: [QueueMessage]) async throws {
        while !messages.withLock({ $0.isSuperset(of: expected) }) { try await Task.sleep(for: .milliseconds(50)) }
    }
}
