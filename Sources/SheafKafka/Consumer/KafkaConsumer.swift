import Logging
import SheafCore
import Synchronization

/// A member of a consumer group, which starts again after a failure.
final class KafkaConsumer: Sendable {
    private struct Session {
        let reading: SharedReading
        let polling: Task<Void, Never>
    }

    private struct State {
        var session: Session?
        var isClosed = false
    }

    private let options: KafkaOptions
    private let group: String
    private let topics: @Sendable () -> [String]
    private let departures: Departures
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - topics: returns the topics to read; called again every second.
    ///   - departures: released consumers, for which this one waits before it joins the group.
    /// - Throws: ``SheafError`` `invalid` if a setting is wrong.
    init(
        _ options: KafkaOptions, group: String, topics: @escaping @Sendable () -> [String],
        departures: Departures = Departures(), logger: Logger
    ) throws(SheafError) {
        try options.validate()
        self.departures = departures
        self.options = options
        self.group = group
        self.topics = topics
        self.logger = logger
    }

    deinit {
        guard let session = state.withLock({ $0.session }) else { return }
        session.reading.stop()
        departures.add(session.polling)
    }

    /// The next records, at least one and at most `limit`; waits for them.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits; ``SheafError`` if the consumer failed for
    ///   good, the next call then starts again.
    func receive(limit: Int) async throws -> [ReceivedRecord] {
        try Task.checkCancellation()
        return try await session().reading.receive(limit: limit)
    }

    /// Marks records as finished, in any order.
    func finish(_ places: [Place]) { reading?.finish(places) }

    /// Marks all records delivered from the partitions, up to these offsets, as finished.
    func finish(through offsets: [TopicPartition: Int64]) { reading?.finish(through: offsets) }

    /// Takes records back, to be delivered again.
    func nack(_ places: [Place]) { reading?.nack(places) }

    /// The partitions that are read now.
    var assigned: Set<TopicPartition> { reading?.assigned ?? [] }

    /// Commits finished records and leaves the group.
    func close() async {
        let session = state.withLock { state in
            state.isClosed = true
            return state.session
        }
        session?.reading.stop()
        await session?.polling.value
    }

    private var reading: SharedReading? { state.withLock { $0.session?.reading } }

    /// The current session; a new one if there is none or the last one failed.
    private func session() async throws -> Session {
        while true {
            let session = try state.withLock { state in
                if state.isClosed { throw SharedReading.closed }
                let session = state.session ?? start()
                state.session = session
                return session
            }
            guard session.reading.failure != nil else { return session }
            // The old session must leave the group before the new one joins.
            await session.polling.value
            state.withLock { state in
                if state.session?.reading === session.reading { state.session = nil }
            }
        }
    }

    private func start() -> Session {
        let reading = SharedReading()
        let loop = PollLoop()
        let polling = Task { [options, group, topics, departures, logger] in
            await departures.wait()
            await loop.block {
                do throws(SheafError) {
                    try ConsumerClient(options, group: group, topics: topics, reading: reading, logger: logger).run()
                } catch {
                    reading.fail(error)
                }
            }
        }
        return Session(reading: reading, polling: polling)
    }
}
