import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import SheafCore
import SheafTesting
import Testing
import Tracing

@testable import SheafTracing

@Suite struct SpanExporterTests {
    private let queue = SpanQueue(limit: 100, batch: 2)
    private var tracer: SpanTracer { SpanTracer(queue: queue, sampleRatio: 1) }

    private func exporter(
        _ url: String, _ client: HTTPClient, clock: any TimeSource = SteadyClock(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> SpanExporter {
        var options = SpanExporter.Options()
        options.interval = .milliseconds(10)
        options.retry = RetryPolicy(maxAttempts: 3, base: .milliseconds(1), cap: .milliseconds(1))
        return SpanExporter(
            url: try #require(HTTPURL(url)), resource: ["service.instance.id": "i"], queue: queue, client: client,
            options: options, clock: clock, logger: logger)
    }

    private func withClient<Result>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.get()
    }

    @Test func `A span is OTLP in JSON, member by member`() async throws {
        var origin = InstrumentationContext.topLevel
        origin.trace = TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: "v=1")
        let span = tracer.startSpan(
            "deliver", context: origin, ofKind: .client, at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 7))
        span.attributes = ["text": "a/b", "count": .int64(1 << 60), "share": .double(0.5), "is": .bool(true)]
        span.addLink(SpanLink(context: origin, attributes: [:]))
        span.addEvent(SpanEvent(name: "e", at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 8)))
        span.setStatus(SpanStatus(code: .error, message: "why"))
        span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 9))
        let spanID = span.trace.spanText

        let received = try await withClient { client in
            try await Collector.run { url, collector in
                try await exporter(url, client).finish()
                return try #require(collector.received.first)
            }
        }
        #expect(received.line == "POST /v1/traces")
        #expect(received.contentType == "application/json")
        let expected = """
            {"resourceSpans":[{"resource":{"attributes":[
              {"key":"service.instance.id","value":{"stringValue":"i"}},
              {"key":"service.name","value":{"stringValue":"sheaf"}}]},
             "scopeSpans":[{"scope":{"name":"sheaf"},"spans":[{
              "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"\(spanID)","parentSpanId":"00f067aa0ba902b7",
              "traceState":"v=1","name":"deliver","kind":3,"startTimeUnixNano":"7","endTimeUnixNano":"9",
              "attributes":[{"key":"count","value":{"intValue":"1152921504606846976"}},
               {"key":"is","value":{"boolValue":true}},{"key":"share","value":{"doubleValue":0.5}},
               {"key":"text","value":{"stringValue":"a/b"}}],
              "events":[{"timeUnixNano":"8","name":"e","attributes":[]}],
              "links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","traceState":"v=1"}],
              "droppedLinksCount":0,"status":{"code":2,"message":"why"}}]}]}]}
            """
        let document = try JSONSerialization.jsonObject(with: Data(received.body)) as? NSDictionary
        #expect(document == (try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? NSDictionary))
    }

    @Test(arguments: ["", "/", "/v1/traces", "/v1/traces/", "/otlp", "/otlp/v1/traces"])
    func `The address may name the collector or the path of traces`(path: String) async throws {
        let lines = try await withClient { client in
            try await Collector.run { url, collector in
                tracer.startSpan("a", context: .topLevel).end()
                try await exporter(url + path, client).finish()
                #expect(try await SpanExporter.status(of: #require(HTTPURL(url + path)), client: client) == 200)
                return collector.received.map(\.line)
            }
        }
        let line = path.contains("otlp") ? "POST /otlp/v1/traces" : "POST /v1/traces"
        #expect(lines == [line, line])
    }

    @Test func `The wait that the collector asks for is respected, by the next batch too`() async throws {
        let clock = TestClock()
        try await withClient { client in
            try await Collector.run(answer: { _ in .tooManyRequests }, headers: [.retryAfter: "120"]) {
                url, collector in
                let running = Task { [exporter = try exporter(url, client, clock: clock)] in await exporter.run() }
                for name in ["a", "b", "c"] { tracer.startSpan(name, context: .topLevel).end() }
                for number in 1...4 {
                    while collector.received.count < number {
                        // It waits for more spans if a batch is not full.
                        clock.advance(by: .milliseconds(10))
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    await clock.waitForSleepers(1)
                    clock.advance(by: .seconds(119))
                    try await Task.sleep(for: .milliseconds(20))
                    #expect(collector.received.count == number)
                    clock.advance(by: .seconds(1))
                }
                running.cancel()
                await running.value
            }
        }
    }

    @Test(arguments: [(#""3""#, 2), ("1", 1), (#""-1""#, 0), ("0", 0), ("{}", 0)])
    func `Rejected spans of a batch are reported and not sent again`(
        rejected: String, expected: Int
    ) async throws {
        let answer = ByteBuffer(string: #"{"partialSuccess":{"rejectedSpans":\#(rejected),"errorMessage":"why"}}"#)
        #expect(OTLPResponse.rejectedSpans(answer, of: 2) == expected)
        try await withClient { client in
            try await Collector.run(document: String(buffer: answer)) { url, collector in
                for name in ["a", "b"] { tracer.startSpan(name, context: .topLevel).end() }
                let log = RecordingLog { "\($0.message)" + ($0.metadata?["error"].map { ": \($0)" } ?? "") }
                let exporter = try exporter(url, client, logger: Logger(label: "test") { _ in log })
                await exporter.finish()
                await exporter.finish()
                #expect(collector.received.count == 1)
                let warnings = ["traces cannot be exported: the collector rejected \(expected) of 2 spans"]
                #expect(log.texts == (expected == 0 ? [] : warnings))
            }
        }
    }

    @Test func `Spans are sent in batches while it runs, and the rest at the end`() async throws {
        try await withClient { client in
            try await Collector.run { url, collector in
                let exporter = try exporter(url, client)
                for name in ["a", "b", "c"] { tracer.startSpan(name, context: .topLevel).end() }
                let running = Task { await exporter.run() }
                while try collector.spans.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
                running.cancel()
                await running.value
                tracer.startSpan("d", context: .topLevel).end()
                await exporter.finish()
                let batches = try collector.received.map { try $0.spans.map { $0["name"] } }
                // A batch whose response did not arrive before the end is sent again.
                #expect(batches.prefix(2) == [["a", "b"], ["c"]])
                #expect(batches.last?.last == "d")
            }
        }
    }

    @Test func `A batch that the collector cannot accept now is retried, and dropped in the end`() async throws {
        try await withClient { client in
            try await Collector.run(answer: { $0 == 1 ? .serviceUnavailable : $0 < 3 ? .ok : .tooManyRequests }) {
                url, collector in
                let exporter = try exporter(url, client)
                let running = Task { await exporter.run() }
                for (name, requests) in [("a", 2), ("b", 5)] {
                    tracer.startSpan(name, context: .topLevel).end()
                    while collector.received.count < requests { try await Task.sleep(for: .milliseconds(5)) }
                }
                running.cancel()
                await running.value
                #expect(try collector.spans.map { $0["name"] } == ["a", "a", "b", "b", "b"])
            }
        }
    }

    @Test func `A batch that the collector refuses is not sent again`() async throws {
        try await withClient { client in
            try await Collector.run(answer: { _ in .badRequest }) { url, collector in
                let exporter = try exporter(url, client)
                tracer.startSpan("a", context: .topLevel).end()
                await exporter.finish()
                await exporter.finish()
                #expect(collector.received.count == 1)
            }
        }
    }

    @Test func `A collector that cannot be reached delays the end by at most one attempt`() async throws {
        try await withClient { client in
            for name in ["a", "b", "c", "d"] { tracer.startSpan(name, context: .topLevel).end() }
            try await exporter("http://127.0.0.1:1", client).finish()
            #expect(queue.count == 2)
        }
    }
}
