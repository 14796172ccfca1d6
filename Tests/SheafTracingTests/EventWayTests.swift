import Logging
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Synchronization
import Testing
import Tracing

@testable import SheafTracing

/// The spans of events on their path through an engine.
@Suite struct EventWayTests {
    private struct Note: EventPayload {
        static let fields = [PayloadField("text", .string)]

        let text: String

        init(_ values: PayloadValues) throws(SheafError) { text = try values.string("text") }
    }

    private struct Words: NotificationFactory {
        func compose(_ payloads: [Note], for _: RecipientID) async throws -> Composition {
            let text = payloads.map(\.text).joined(separator: "+")
            guard text != "quiet" else { return .suppressed(reason: "is_quiet") }
            return .notification(
                NotificationContent(listTitle: text, listDescription: "", fullTitle: text, fullText: text))
        }
    }

    /// Records in which span each request is made.
    private final class SpanGateway: Gateway {
        let traces = Mutex<[TraceContext?]>([])

        func send(_: UserNotification, type _: String) async -> GatewayOutcome {
            traces.withLock { $0.append(InstrumentationContext.current?.trace) }
            return .delivered(httpStatus: 202)
        }
    }

    private static let states: [String] = ["a=1", "b=2", "c=3"]
    private static let parents = (1...3).map { "00-4bf92f3577b34da6a3ce929d0e0e473\($0)-00f067aa0ba902b7-01" }

    private func spans(
        of events: [(text: String, trace: String?)], delivery: DeliveryPolicy, ratio: Double = 1, count: Int,
        requests: Int = 1
    ) async throws -> (spans: [SpanRecord], requests: [TraceContext?]) {
        let (clock, gateway, queue) = (SteadyClock(), SpanGateway(), SpanQueue())
        let store = MemoryStore(clock: clock)
        let catalog = try LiveCatalog([EventType("note", code: 1, delivery: delivery, factory: Words())])
        let engine = try await Engine(
            Engine.Ports(
                catalog: catalog, store: store, debouncer: MemoryDebouncer(clock: clock), gateway: gateway,
                clock: clock, tracer: SpanTracer(queue: queue, sampleRatio: ratio)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await engine.run() }
        _ = try await engine.ingest.submit(
            events.map { text, trace in
                .success(
                    IncomingEvent(
                        source: "s", type: "note", recipient: 1, data: #"{"text":"\#(text)"}"#, traceParent: trace))
            }, source: "http")
        var spans: [SpanRecord] = []
        for _ in 0..<2000 where spans.count < count || gateway.traces.withLock(\.count) < requests {
            try await Task.sleep(for: .milliseconds(5))
            spans += queue.take()
        }
        running.cancel()
        _ = await running.result
        return (spans, gateway.traces.withLock(\.self))
    }

    @Test func `A caller's trace goes from the intake to the gateway, each span below the previous one`() async throws {
        let origin = "\(Self.parents[0]) \(Self.states[0])"
        let (spans, requests) = try await spans(
            of: [("a", origin), ("b", origin)], delivery: .debounced(WindowPolicy(length: .milliseconds(50))), count: 3)
        #expect(spans.map(\.name) == ["ingest", "compose", "deliver"])
        #expect(spans.map(\.kind) == [.server, .internal, .client])
        #expect(Set(spans.map(\.context.traceText)) == ["4bf92f3577b34da6a3ce929d0e0e4731"])
        #expect(spans.map(\.context.state) == ["a=1", "a=1", "a=1"])
        #expect(spans.map(\.parent) == [0x00f0_67aa_0ba9_02b7, spans[0].context.span, spans[1].context.span])
        #expect(spans.allSatisfy { $0.links.isEmpty && $0.status == nil })
        #expect(requests == [spans[2].context])
        #expect(spans[1].attributes.get("sheaf.events") == .int64(2))
        #expect(spans[2].attributes.get("http.response.status_code") == .int64(202))
    }

    @Test func `If events of several traces are digested, the span is in one of them and linked to all`() async throws {
        let (spans, requests) = try await spans(
            of: zip(["a", "b", "c"], Self.parents).map { ($0, $1) },
            delivery: .debounced(WindowPolicy(length: .milliseconds(50))), count: 3)
        let origins = Self.parents.compactMap { TraceContext(parent: $0) }
        #expect(spans.map(\.name) == ["ingest", "compose", "deliver"])
        #expect(spans[0].parent == nil && spans[0].links == origins)
        #expect(spans[1].parent == origins[0].span && spans[1].links == origins)
        #expect(spans[1].context.traceText == origins[0].traceText)
        #expect(requests.map { $0?.traceText } == [origins[0].traceText])
    }

    @Test func `A recorded trace takes precedence over one that is not`() async throws {
        let quiet = String(Self.parents[0].dropLast(2)) + "00"
        let (spans, requests) = try await spans(
            of: [("a", quiet), ("b", Self.parents[1])], delivery: .debounced(WindowPolicy(length: .milliseconds(50))),
            count: 3)
        #expect(spans[1].context.traceText == "4bf92f3577b34da6a3ce929d0e0e4732")
        #expect(requests.map { $0?.isSampled } == [true])
    }

    @Test func `Without a caller's trace a new one begins, and suppressed events show it`() async throws {
        let (spans, requests) = try await spans(of: [("quiet", nil)], delivery: .immediate, count: 2, requests: 0)
        #expect(spans.map(\.name) == ["ingest", "compose"])
        #expect(spans[0].parent == nil && spans[1].parent == spans[0].context.span)
        #expect(spans[1].attributes.get("sheaf.suppressed") == .string("is_quiet"))
        #expect(requests.isEmpty)
    }

    @Test func `Unsampled traces record nothing and are still propagated`() async throws {
        let (spans, requests) = try await spans(of: [("a", nil)], delivery: .immediate, ratio: 0, count: 0)
        #expect(spans.isEmpty)
        #expect(requests.map { $0?.isSampled } == [false])
    }
}
