public import Logging
public import SheafCore
import Synchronization

/// Publishes records: idempotent, acknowledged by all replicas in sync.
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

    /// - Throws: ``SheafError`` `invalid` if a setting is wrong. It connects when it is used.
    public init(_ options: KafkaOptions, logger: Logger) throws(SheafError) {
        try options.validate()
        self.options = options
        self.logger = logger
    }

    deinit { state.withLock { $0.running?.client.stop() } }

    /// What keeps the producer from working, in words; `nil` if nothing is known to.
    public var trouble: String? { state.withLock { $0.running?.client.trouble } }

    /// Hands records over, in their order, and waits until all are acknowledged; waits as well while the queue to the
    /// brokers is full.
    ///
    /// - Throws: ``SheafError`` if one of them is not acknowledged within `message.timeout.ms` (30 s), `unavailable`
    ///   if the brokers are away; others of the batch may have arrived.
    public func send(_ records: [KafkaRecord]) async throws {
        guard !records.isEmpty else { return }
        try await client().send(records)
    }

    /// Waits for what is on its way, at most `timeout`, and ends. Sending fails from now on.
    public func close(timeout: Duration = .seconds(10)) async {
        let running = state.withLock { state in
            state.isClosed = true
            return state.running
        }
        guard let running else { return }
        running.client.stop(flushTimeout: timeout)
        await running.polling.value
    }

    /// The client of now; a new one where the last one cannot go on.
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
