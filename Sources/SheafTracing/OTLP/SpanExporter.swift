public import AsyncHTTPClient
import FoundationEssentials
public import Logging
internal import Metrics
import NIOCore
import NIOHTTP1
public import SheafCore
import Synchronization

/// Sends spans to a collector by OTLP over HTTP, in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp): batches,
/// each `POST {url}/v1/traces`.
///
/// A collector that is away holds up nobody: a batch is tried a few times, and meanwhile the queue fills and drops.
public final class SpanExporter: Sendable {
    /// How the exporter goes about it.
    public struct Options: Sendable {
        /// How long spans wait for their batch to fill.
        public var interval = Duration.seconds(1)
        /// The longest to wait for an answer.
        public var timeout = Duration.seconds(10)
        public var retry = RetryPolicy(maxAttempts: 5, base: .seconds(1), cap: .seconds(30))

        public init() {}
    }

    private enum Outcome {
        case exported
        case refused(String)
        case failed(String)
    }

    private let url: String
    private let resource: [OTLPAttribute]
    private let queue: SpanQueue
    private let client: HTTPClient
    private let options: Options
    private let clock: any TimeSource
    private let logger: Logger
    /// The batch that is being sent.
    private let inHand = Mutex<[SpanRecord]>([])
    private let isFailing = Mutex(false)
    private let exported = SpanQueue.counter("exported")
    private let failed = SpanQueue.counter("failed")

    /// - Parameters:
    ///   - url: the collector's address, to which `/v1/traces` is added.
    ///   - resource: what tells this process from others, by OpenTelemetry's names, besides `service.name`.
    ///   - client: stays the caller's to shut down.
    public init(
        url: HTTPURL, resource: [String: String] = [:], queue: SpanQueue, client: HTTPClient,
        options: Options = Options(), clock: any TimeSource, logger: Logger
    ) {
        self.url = url.appending("/v1/traces")
        self.resource = resource.merging(["service.name": "sheaf"]) { _, name in name }
            .map { OTLPAttribute(key: $0.key, value: .string($0.value)) }.sorted { $0.key < $1.key }
        self.queue = queue
        self.client = client
        self.options = options
        self.clock = clock
        self.logger = logger
    }

    /// Exports until the task is cancelled; what is left then waits for ``finish()``.
    public func run() async {
        while !Task.isCancelled {
            await queue.wait(atMost: options.interval, on: clock)
            while !Task.isCancelled, hold() { await exportInHand(attempts: options.retry.maxAttempts) }
        }
    }

    /// Exports what is left, each batch tried once; the first that fails ends it.
    public func finish() async {
        while hold() {
            await exportInHand(attempts: 1)
            if isFailing.withLock(\.self) { break }
        }
    }

    /// - Returns: whether there is a batch in hand, an unfinished one or else a new one.
    private func hold() -> Bool {
        inHand.withLock { batch in
            if batch.isEmpty { batch = queue.take() }
            return !batch.isEmpty
        }
    }

    private func exportInHand(attempts: Int) async {
        let batch = inHand.withLock(\.self)
        for attempt in 1...attempts {
            switch await send(batch) {
            case .exported:
                end(of: batch, counted: exported, problem: nil)
                return
            case .failed(let problem) where attempt < attempts:
                tell(problem)
                try? await clock.sleep(for: options.retry.delay(after: attempt))
                // Cut off: it stays in hand.
                if Task.isCancelled { return }
            case .failed(let problem), .refused(let problem):
                end(of: batch, counted: failed, problem: problem)
                return
            }
        }
    }

    private func end(of batch: [SpanRecord], counted counter: Counter, problem: String?) {
        inHand.withLock { $0 = [] }
        counter.increment(by: batch.count)
        tell(problem)
    }

    /// Logs when exporting begins to fail, and when it goes on.
    private func tell(_ problem: String?) {
        let changed = isFailing.withLock { isFailing in
            defer { isFailing = problem != nil }
            return isFailing != (problem != nil)
        }
        guard changed else { return }
        if let problem {
            logger.warning("traces cannot be exported", metadata: ["error": "\(problem)"])
        } else {
            logger.notice("traces are exported again")
        }
    }

    private func send(_ batch: [SpanRecord]) async -> Outcome {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes]
            let body = try encoder.encode(OTLPRequest(batch, resource: resource))
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers = ["content-type": "application/json", "user-agent": "sheaf"]
            request.body = .bytes(body, length: .known(Int64(body.count)))
            let response = try await client.execute(request, timeout: TimeAmount(options.timeout))
            // Read, so that the connection can be used again; what it says of single spans is nothing to act on.
            _ = try? await response.body.collect(upTo: 1 << 16)
            switch response.status.code {
            case 200..<300: return .exported
            // Those that the specification has tried again.
            case 429, 502, 503, 504: return .failed("the collector answered \(response.status.code)")
            default: return .refused("the collector answered \(response.status.code)")
            }
        } catch {
            return .failed("no answer from the collector: \(type(of: error))")
        }
    }
}
