import SheafCore
import Testing
import Tracing

@testable import SheafTracing

@Suite struct SpanTracerTests {
    private let queue = SpanQueue(limit: 10, batch: 10)
    private let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

    private func context(_ parent: String, state: String? = nil) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        context.trace = TraceContext(parent: parent, state: state)
        return context
    }

    @Test func `A caller's flag decides, whatever the share`() {
        for (ratio, flag) in [(0.0, "01"), (1.0, "01"), (0.0, "00"), (1.0, "00")] {
            let tracer = SpanTracer(queue: queue, sampleRatio: ratio)
            let span = tracer.startSpan("a", context: context("\(caller)-\(flag)", state: "v=1"))
            #expect(span.isRecording == (flag == "01"))
            #expect(span.trace.traceText == "4bf92f3577b34da6a3ce929d0e0e4736")
            #expect(span.trace.spanText != "00f067aa0ba902b7")
            #expect(span.trace.state == "v=1")
            span.end()
        }
        #expect(queue.take().map(\.parent) == [0x00f0_67aa_0ba9_02b7, 0x00f0_67aa_0ba9_02b7])
    }

    @Test func `A share of new traces is recorded, and their child spans follow them`() {
        func share(_ ratio: Double) -> Int {
            let tracer = SpanTracer(queue: SpanQueue(limit: 0), sampleRatio: ratio)
            return (0..<2000).count { _ in
                let root = tracer.startSpan("a", context: .topLevel)
                let child = tracer.startSpan("b", context: root.context)
                #expect(child.isRecording == root.isRecording && child.trace.traceText == root.trace.traceText)
                return root.isRecording
            }
        }
        #expect(share(0) == 0)
        #expect(share(1) == 2000)
        #expect((800...1200).contains(share(0.5)))
    }

    @Test func `An ended span does not change any more, and is queued once`() throws {
        let tracer = SpanTracer(queue: queue, sampleRatio: 1)
        let span = tracer.startSpan("a", context: .topLevel, ofKind: .server)
        span.attributes["n"] = 1
        span.recordError(SheafError(.invalid, field: "f", "is wrong"))
        span.end()
        span.attributes["n"] = 2
        span.operationName = "b"
        span.end()
        let record = try #require(queue.take().first)
        #expect(queue.take().isEmpty)
        #expect(record.name == "a" && record.kind == .server && record.parent == nil && record.end >= record.start)
        #expect(record.attributes.get("n") == .int64(1))
        #expect(record.events.map(\.name) == ["exception"])
    }

    @Test func `An error of others is recorded by its type only`() throws {
        struct Leaky: Error { let secret = "hunter2" }
        let span = SpanTracer(queue: queue, sampleRatio: 1).startSpan("a", context: .topLevel)
        span.recordError(Leaky())
        span.end()
        let event = try #require(queue.take().first?.events.first)
        #expect(event.attributes.get("exception.type") == .string("Leaky"))
        #expect(event.attributes.count == 1)
    }

    @Test func `A span keeps a limited number of links, and counts the others`() throws {
        let tracer = SpanTracer(queue: queue, sampleRatio: 1)
        let span = tracer.startSpan("a", context: .topLevel)
        for _ in 0..<130 { span.addLink(SpanLink(context: context("\(caller)-01"), attributes: [:])) }
        span.end()
        let record = try #require(queue.take().first)
        #expect(record.links.count == 128 && record.droppedLinks == 2)
    }

    @Test func `A full queue drops new spans, and makes nobody wait`() {
        let queue = SpanQueue(limit: 3, batch: 2)
        let tracer = SpanTracer(queue: queue, sampleRatio: 1)
        for name in ["a", "b", "c", "d", "e"] { tracer.startSpan(name, context: .topLevel).end() }
        #expect(queue.take().map(\.name) == ["a", "b"])
        #expect(queue.take().map(\.name) == ["c"])
        #expect(queue.take().isEmpty)
    }
}
