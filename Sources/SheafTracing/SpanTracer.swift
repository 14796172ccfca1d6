import SheafCore
public import Tracing

/// Creates spans in W3C traces, and queues sampled ones for export.
///
/// A caller's trace is recorded if the caller's flag says so; a trace that begins here is recorded at random.
public struct SpanTracer: Tracer {
    private let queue: SpanQueue
    private let sampler: Sampler

    /// - Parameters:
    ///   - queue: the queue of spans that wait for export.
    ///   - sampleRatio: the share of traces that begin here to record: 0 for none, 1 for all.
    public init(queue: SpanQueue, sampleRatio: Double) {
        self.queue = queue
        sampler = Sampler(ratio: sampleRatio)
    }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordingSpan {
        var context = context()
        let parent = context.trace
        let trace = parent?.under(span: .random(in: 1 ... .max)) ?? sampler.newTrace()
        context.trace = trace
        return RecordingSpan(
            operationName, context: context, trace: trace, parent: parent?.span, kind: kind,
            start: trace.isSampled ? instant().nanosecondsSinceEpoch : 0
        ) { [queue] in queue.add($0) }
    }

    /// Spans are exported in the background; this need not be called.
    public func forceFlush() {}

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.trace = TraceContext(parent: parent, state: extractor.extract(key: "tracestate", from: carrier))
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.trace else { return }
        injector.inject(trace.parent, forKey: "traceparent", into: &carrier)
        if let state = trace.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
    }
}
