public import Logging
public import SheafCore
public import Tracing

extension InstrumentationContext {
    /// The current trace and its current span.
    public var trace: TraceContext? {
        get { self[TraceKey.self] }
        set { self[TraceKey.self] = newValue }
    }

    private enum TraceKey: InstrumentationContextKey {
        typealias Value = TraceContext
        static var nameOverride: String? { "sheaf-trace" }
    }
}

extension Logger.MetadataProvider {
    /// Adds the fields `trace_id` and `span_id` to log lines within a span, to link logs and traces.
    public static let trace = Logger.MetadataProvider {
        guard let trace = InstrumentationContext.current?.trace else { return [:] }
        return ["trace_id": "\(trace.traceText)", "span_id": "\(trace.spanText)"]
    }
}
