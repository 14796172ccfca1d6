import BlockingIO
import SheafCore

/// Shared by a process's outbox consumers: wake-ups, one connection for leases and one for notifications.
actor OutboxHub {
    /// Distinguishes this process from others in notifications.
    nonisolated let process = String(UInt64.random(in: .min ... .max), radix: 36)
    nonisolated let control: SoleConnection
    /// Signalled when a window may be due earlier than the last claim reported.
    nonisolated let windowsChanged = WakeUp()
    private let options: PostgresOptions
    private let wakeUps = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, WakeUp()) })
    private let heartbeatWakeUps = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, WakeUp()) })
    private var consumers: [Topic: PostgresOutboxConsumer] = [:]
    private var listening: Task<Void, Never>?
    private var announcing: Task<Void, Never>?
    private var unsaid: Set<OutboxNotice> = []
    private var vacuuming: Task<Void, Never>?
    private var deletedSinceVacuum = 0
    private var isClosed = false

    /// After this many deleted messages the outbox is vacuumed, without waiting for autovacuum.
    private static let vacuumInterval = 25_000
    /// How long notices are collected before they are sent.
    private static let breath = Duration.milliseconds(10)

    init(_ options: PostgresOptions) {
        self.options = options
        control = SoleConnection(options)
    }

    /// Creates the consumer of `topic`, and retires an earlier one.
    func consumer(of topic: Topic, _ database: PostgresDatabase) async -> PostgresOutboxConsumer {
        let consumer = PostgresOutboxConsumer(
            topic: topic, database: database, wakeUp: wakeUps[topic] ?? WakeUp(),
            heartbeatWakeUp: heartbeatWakeUps[topic] ?? WakeUp())
        let old = consumers.updateValue(consumer, forKey: topic)
        await old?.retire(successor: consumer.member)
        if isClosed {
            await consumer.retire(successor: nil)
            return consumer
        }
        listen()
        await consumer.start()
        return consumer
    }

    /// Wakes the consumer of `topic`: there are messages.
    nonisolated func wake(_ topic: Topic) { wakeUps[topic]?.notify() }

    func close() async {
        isClosed = true
        for consumer in consumers.values { await consumer.retire(successor: nil) }
        await end()
    }

    /// Ends everything as a crash would; for tests.
    func abandon() async {
        isClosed = true
        for consumer in consumers.values { await consumer.abandon() }
        await end()
    }

    private func end() async {
        consumers = [:]
        for task in [listening, announcing] {
            task?.cancel()
            await task?.value
        }
        await control.close()
    }

    // MARK: Notifications

    /// Sends notices to other processes. They are not sent within transactions, since the server would then commit
    /// these one after the other. A process that misses a notice finds the change by polling.
    func announce(_ notices: some Sequence<OutboxNotice>) {
        unsaid.formUnion(notices)
        guard announcing == nil, !isClosed else { return }
        announcing = Task {
            await sayAll()
            announcing = nil
        }
    }

    private func sayAll() async {
        while !unsaid.isEmpty && !isClosed {
            let texts = unsaid.map(\.text)
            unsaid = []
            try? await control.run { session in
                session.later("SELECT pg_notify(\(sql: OutboxNotice.channel), text) FROM unnest(\(texts)) AS text")
                _ = try session.exchange([])
            }
            try? await Task.sleep(for: Self.breath)
        }
    }

    /// Begins to listen to other processes' notices.
    func listen() {
        if listening == nil && !isClosed { listening = Task { await follow() } }
    }

    private func follow() async {
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
                try? await Task.sleep(for: RetryPolicy.lostConnection.delay(after: failures))
            }
        }
    }

    private func follow(_ connection: PostgresConnection) async throws {
        try await connection.run { _ = try $0.rows(.once("\(sql: OutboxNotice.listen)")) }
        // Notices sent before this moment were missed.
        for wakeUp in Array(wakeUps.values) + heartbeatWakeUps.values + [windowsChanged] { wakeUp.notify() }
        for look in 1... {
            if Task.isCancelled { return }
            // A server that became a standby stays silent, so ask it.
            if look.isMultiple(of: 10) { try await connection.ping() }
            let texts = try await connection.run { try $0.notifications(atMost: .milliseconds(500)) }
            for notice in Set(texts).compactMap({ OutboxNotice($0) }) { hear(notice) }
        }
    }

    private func hear(_ notice: OutboxNotice) {
        switch notice {
        // This process already knows its own changes.
        case .messages(_, process), .shards(_, process), .windows(process): break
        case .messages(let topic, _): wakeUps[topic]?.notify()
        case .shards(let topic, _): heartbeatWakeUps[topic]?.notify()
        case .windows: windowsChanged.notify()
        }
    }

    // MARK: Vacuuming

    /// Counts deleted messages. Autovacuum runs once a minute; meanwhile readers would have to skip over a million
    /// deleted rows.
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
        // If it fails, autovacuum still does the work.
        try? await connection.run { session in
            _ = try session.rows(.once("SET statement_timeout = 0"))
            _ = try session.exchange(
                [.once("VACUUM (SKIP_LOCKED, TRUNCATE false) outbox")], timeout: .seconds(600))
        }
        await connection.close()
    }
}
