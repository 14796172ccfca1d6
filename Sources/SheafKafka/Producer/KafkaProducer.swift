public import Logging
public import SheafCore
import Synchronization

/// Publishes records: idempotently, acknowledged by all in-sync replicas.
public final class KafkaProducer: Sendable {
    private struct Running {
        let client: ProducerClient
        let polling: Task<Void, Never>
    }

    private struct State {
        var running: Running?
        var isClosed = false
    }

    private let options: KafkaOptions
    private let logger: Logger
    private let state = Mutex(State())

    /// - Throws: ``SheafError`` `invalid` if a setting is wrong. Connects on first use.
    public init(_ options: KafkaOptions, logger: Logger) throws(SheafError) {
        try options.validate()
        self.options = options
        self.logger = logger
    }

    deinit { state.withLock { $0.running?.client.stop() } }

    /// The producer's current problem; `nil` if none is known.
    public var trouble: String? { state.withLock { $0.running?.client.trouble } }

    /// Publishes records in order, and waits until all are acknowledged; also waits while the queue to the brokers is
    /// full.
    ///
    /// - Throws: ``SheafError`` if one of them is not acknowledged within `message.timeout.ms` (30 s), `unavailable` if
    ///   the brokers cannot be reached; other records of the batch may have arrived.
    public func send(_ records: [KafkaRecord]) async throws {
        guard !records.isEmpty else { return }
        try await client().send(records)
    }

    /// Waits at most `timeout` for records in flight, and ends. Sending fails from now on.
    public func close(timeout: Duration = .seconds(10)) async {
        let running = state.withLock { state in
            state.isClosed = true
            return state.running
        }
        guard let running else { return }
        running.client.stop(flushTimeout: timeout)
        await running.polling.value
    }

    /// The current client; a new one if the last one has failed for good.
    private func client() async throws -> ProducerClient {
        if let client = state.withLock({ $0.running?.client }), !client.hasFailed { return client }
        // Opening reads certificates, which may block.
        let loop = PollLoop()
        let fresh = try await loop.open { [options, logger] () throws(SheafError) in
            try ProducerClient(options, ClientContext(logger))
        }
        let polling = Task { await loop.block { fresh.poll() } }
        return try state.withLock { state in
            if state.isClosed {
                fresh.stop()
                throw SheafError(.unavailable, "the producer is closed")
            }
            if let running = state.running, !running.client.hasFailed {
                fresh.stop()
                return running.client
            }
            state.running?.client.stop()
            state.running = Running(client: fresh, polling: polling)
            return fresh
        }
    }
}
