import BlockingIO
import SheafCore

/// What a process's consumers of the outbox share: who is woken by what, one connection for leases and one for
/// notifications.
actor OutboxHub {
    /// Tells this process from others in notifications.
    nonisolated let process = "\(IdentifierGenerator.shared.next(PostgresDatabase.self, at: SteadyClock().now))"
    nonisolated let control: SoleConnection
    private let options: PostgresOptions
    private let wakeUps = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, WakeUp()) })
    private let beatWakeUps = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, WakeUp()) })
    private var consumers: [Topic: OutboxConsumer] = [:]
    private var listening: Task<Void, Never>?
    private var vacuuming: Task<Void, Never>?
    private var deletedSinceVacuum = 0
    private var isClosed = false

    /// After how many messages the outbox is cleaned up without waiting for the server to.
    private static let vacuumInterval = 25_000
    private static let reconnect = RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(5))

    init(_ options: PostgresOptions) {
        self.options = options
        control = SoleConnection(options)
    }

    /// The consumer of `topic`; one that was there before makes room for it.
    func consumer(of topic: Topic, _ database: PostgresDatabase) async -> OutboxConsumer {
        let consumer = OutboxConsumer(
            topic: topic, database: database, wakeUp: wakeUps[topic] ?? WakeUp(),
            beatWakeUp: beatWakeUps[topic] ?? WakeUp())
        let old = consumers.updateValue(consumer, forKey: topic)
        await old?.retire(successor: consumer.member)
        if isClosed {
            await consumer.retire(successor: nil)
            return consumer
        }
        if listening == nil { listening = Task { await listen() } }
        await consumer.start()
        return consumer
    }

    /// Tells the consumer of `topic` that there are messages.
    nonisolated func wake(_ topic: Topic) { wakeUps[topic]?.notify() }

    func close() async {
        isClosed = true
        for consumer in consumers.values { await consumer.retire(successor: nil) }
        await end()
    }

    /// Ends everything as a crash would, for tests.
    func abandon() async {
        isClosed = true
        for consumer in consumers.values { await consumer.abandon() }
        await end()
    }

    private func end() async {
        consumers = [:]
        listening?.cancel()
        await listening?.value
        await control.close()
    }

    // MARK: Notifications

    private func listen() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.open(options)
                failures = 0
                do { try await follow(connection) } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                failures += 1
                try? await Task.sleep(for: Self.reconnect.delay(after: failures))
            }
        }
    }

    private func follow(_ connection: PostgresConnection) async throws {
        try await connection.run { _ = try $0.rows(.once("\(sql: OutboxNotice.listen)")) }
        // What was said before is not heard.
        for wakeUp in Array(wakeUps.values) + beatWakeUps.values { wakeUp.notify() }
        while !Task.isCancelled {
            let texts = try await connection.run { try $0.notifications(atMost: .milliseconds(500)) }
            for notice in Set(texts).compactMap({ OutboxNotice($0) }) { hear(notice) }
        }
    }

    private func hear(_ notice: OutboxNotice) {
        switch notice {
        // What this process does itself it knows.
        case .messages(_, process), .shards(_, process): break
        case .messages(let topic, _): wakeUps[topic]?.notify()
        case .shards(let topic, _): beatWakeUps[topic]?.notify()
        }
    }

    // MARK: Cleaning up

    /// Counts messages that were deleted. Autovacuum comes by once a minute, in which readers would have to step over
    /// a million rows that are gone.
    func noteDeleted(_ count: Int) {
        deletedSinceVacuum += count
        guard deletedSinceVacuum >= Self.vacuumInterval, vacuuming == nil, !isClosed else { return }
        deletedSinceVacuum = 0
        vacuuming = Task {
            await vacuum()
            vacuuming = nil
        }
    }

    private func vacuum() async {
        guard let connection = try? await PostgresConnection.open(options) else { return }
        // Where it fails the server's own cleaning remains.
        try? await connection.run { session in
            _ = try session.rows(.once("SET statement_timeout = 0"))
            _ = try session.exchange(
                [.once("VACUUM (SKIP_LOCKED, TRUNCATE false) outbox")], patience: .seconds(600))
        }
        await connection.close()
    }
}
