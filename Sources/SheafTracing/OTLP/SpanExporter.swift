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
/// A collector that cannot be reached delays nobody: a batch is tried a few times, and meanwhile the queue fills and
/// drops spans.
public final class SpanExporter: Sendable {
    /// The options of the exporter.
    public struct Options: Sendable {
        /// How long spans wait for their batch to fill.
        public var interval = Duration.seconds(1)
        /// How long to wait for a response.
        public var timeout = Duration.seconds(10)
        public var retry = RetryPolicy.spans

        public init() {}
    }

    private enum Outcome {
        /// - Parameter rejected: how many of its spans the collector does not accept.
        case exported(rejected: Int)
        case refused(String)
        /// A retry may succeed. `after` is the wait that the collector asked for.
        case failed(String, after: Duration? = nil)
    }

    private static let path = "/v1/traces"

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
    ///   - url: the collector's address, to which `/v1/traces` is added unless it ends with it.
    ///   - resource: attributes that identify this process, by OpenTelemetry's names, besides `service.name`.
    ///   - client: the caller shuts it down.
    public init(
        url: HTTPURL, resource: [String: String] = [:], queue: SpanQueue, client: HTTPClient,
        options: Options = Options(), clock: any TimeSource, logger: Logger
    ) {
        self.url = url.endpoint(Self.path)
        self.resource = resource.merging(["service.name": "sheaf"]) { _, name in name }
            .map { OTLPAttribute(key: $0.key, value: .string($0.value)) }.sorted { $0.key < $1.key }
        self.queue = queue
        self.client = client
        self.options = options
        self.clock = clock
        self.logger = logger
    }

    /// The status that the collector at `url` returns for an export without spans, which it must accept.
    public static func status(of url: HTTPURL, client: HTTPClient) async throws -> Int {
        let response = try await client.execute(
            request(url.endpoint(path), Data(#"{"resourceSpans":[]}"#.utf8)), timeout: .seconds(5))
        return Int(response.status.code)
    }

    private static func request(_ url: String, _ body: Data) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["content-type": "application/json", "user-agent": "sheaf"]
        request.body = .bytes(body, length: .known(Int64(body.count)))
        return request
    }

    /// Exports until the task is cancelled; the remaining spans wait for ``finish()``.
    public func run() async {
        while !Task.isCancelled {
            await queue.wait(atMost: options.interval, on: clock)
            while !Task.isCancelled, hold() { await exportInHand(attempts: options.retry.maxAttempts) }
        }
    }

    /// Exports the remaining spans, trying each batch once; the first failure ends it.
    public func finish() async {
        while hold() {
            await exportInHand(attempts: 1)
            if isFailing.withLock(\.self) { break }
        }
    }

    /// - Returns: whether there is a batch to send, an unfinished one or a new one.
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
            case .exported(let rejected):
                end(
                    of: batch, failed: rejected,
                    problem: rejected > 0 ? "the collector rejected \(rejected) of \(batch.count) spans" : nil)
                return
            case .failed(let problem, let after) where attempt < attempts:
                logChange(problem)
                try? await clock.sleep(for: options.retry.delay(after: attempt, floor: after))
                // Cancelled: the batch stays for later.
                if Task.isCancelled { return }
            case .failed(let problem, let after):
                end(of: batch, failed: batch.count, problem: problem)
                // The next batch waits too, unless this is the end.
                if let after, attempts > 1 { try? await clock.sleep(for: after) }
                return
            case .refused(let problem):
                end(of: batch, failed: batch.count, problem: problem)
                return
            }
        }
    }

    private func end(of batch: [SpanRecord], failed count: Int, problem: String?) {
        inHand.withLock { $0 = [] }
        exported.increment(by: batch.count - count)
        failed.increment(by: count)
        logChange(problem)
    }

    /// Logs when exporting begins to fail, and when it succeeds again.
    private func logChange(_ problem: String?) {
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
            let response = try await client.execute(
                Self.request(url, body), timeout: TimeAmount(options.timeout))
            // Read it in any case, so that the connection can be reused.
            let answer = try? await response.body.collect(upTo: 1 << 16)
            switch response.status.code {
            case 200..<300: return .exported(rejected: OTLPResponse.rejectedSpans(answer, of: batch.count))
            // The specification allows retries for these.
            case 429, 502, 503, 504:
                let after = RetryAfter.duration(
                    response.headers["retry-after"], date: response.headers.first(name: "date"), now: clock.now,
                    atMost: RetryAfter.longestOfCollector)
                return .failed("the collector answered \(response.status.code)", after: after)
            default: return .refused("the collector answered \(response.status.code)")
            }
        } catch {
            return .failed("no answer from the collector: \(type(of: error))")
        }
    }
}
