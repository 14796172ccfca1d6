import SheafCore
public import Tracing

/// Makes spans in traces of the W3C's kind, and queues those that are sampled for export.
///
/// A trace that comes from a caller is recorded where the caller's flag says so, and one that begins here by chance.
public struct SpanTracer: Tracer {
    private let queue: SpanQueue
    private let sampler: Sampler

    /// - Parameters:
    ///   - queue: where spans wait to be exported.
    ///   - sampleRatio: the share of the traces that begin here which is recorded: 0 for none, 1 for all.
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

    /// Spans are exported by themselves; nothing waits for a call of this.
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
