import SheafCore
import Tracing

/// Opens the spans on an event's path. Without a tracer each step costs one comparison.
struct StepTracer: Sendable {
    /// The maximum number of links of a span.
    private static let maximumLinks = 32

    static let off = StepTracer(nil)

    private let tracer: (any Tracer)?

    init(_ tracer: (any Tracer)?) { self.tracer = tracer }

    /// The span of accepting events: a child of their trace if they came with one, or linked to all if they came with
    /// several.
    ///
    /// - Parameter source: the intake: `http`, `databus`, `file`.
    /// - Returns: the step, and the events with the context for the steps that follow; `nil` if nothing is traced.
    func ingest(_ entries: [EventReader.Entry], source: String) -> (step: TracedStep, entries: [EventReader.Entry])? {
        guard tracer != nil else { return nil }
        let origins = TraceOrigins(
            entries.lazy.map { (try? $0.get())?.traceParent }, limit: Self.maximumLinks)
        let isOne = origins.contexts.count == 1 && !origins.hasUntraced
        let kind: SpanKind =
            switch source {
            case "http": .server
            case "databus": .consumer
            default: .internal
            }
        guard let step = begin("ingest", kind, under: isOne ? origins.main : nil, linked: isOne ? nil : origins)
        else { return nil }
        step["sheaf.source"] = source
        step["sheaf.events"] = entries.count
        guard let trace = step.trace else { return (step, entries) }
        let traced = entries.map { entry in
            entry.map { event in
                guard isOne else { return event.joined(to: trace) }
                var event = event
                event.traceParent = trace
                return event
            }
        }
        return (step, traced)
    }

    /// The span of composing and ending events: a child of the first recorded trace among them, linked to all if there
    /// are several.
    func compose(_ claim: some DigestibleClaim, type: @autoclosure () -> String) -> TracedStep? {
        guard tracer != nil, !claim.events.isEmpty else { return nil }
        let origins = TraceOrigins(claim.events.lazy.map(\.traceParent), limit: Self.maximumLinks)
        let step = begin(
            "compose", .internal, under: origins.main, linked: origins.contexts.count > 1 ? origins : nil)
        step?["sheaf.type"] = type()
        step?["sheaf.events"] = claim.events.count
        if !claim.isAlone {
            step?["sheaf.window.opened_at"] = claim.window.openedAt.description
            step?["sheaf.window.closes_at"] = claim.window.closesAt.description
        }
        return step
    }

    /// The span of one attempt at delivering a notification.
    func deliver(_ notification: UserNotification, type: String, attempt: Int) -> TracedStep? {
        guard tracer != nil else { return nil }
        let step = begin("deliver", .client, under: notification.trace, linked: nil)
        step?["sheaf.type"] = type
        step?["sheaf.notification.id"] = notification.id.description
        step?["sheaf.attempt"] = attempt
        return step
    }

    private func begin(
        _ name: String, _ kind: SpanKind, under parent: TraceContext?, linked origins: TraceOrigins?
    ) -> TracedStep? {
        guard let tracer else { return nil }
        func context(of trace: TraceContext) -> InstrumentationContext {
            var context = InstrumentationContext.topLevel
            tracer.extract(trace.fields, into: &context, using: TraceFields())
            return context
        }
        let span = tracer.startSpan(name, context: parent.map { context(of: $0) } ?? .topLevel, ofKind: kind)
        if let origins, span.isRecording {
            for origin in origins.contexts { span.addLink(SpanLink(context: context(of: origin), attributes: [:])) }
            if origins.omitted > 0 { span.attributes["sheaf.links_omitted"] = origins.omitted }
        }
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: TraceFields())
        return TracedStep(span, trace: TraceContext(fields: fields)?.description)
    }
}

/// Injects a trace into headers and extracts it from them.
private struct TraceFields: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

extension TraceContext {
    fileprivate init?(fields: [String: String]) {
        guard let parent = fields["traceparent"] else { return nil }
        self.init(parent: parent, state: fields["tracestate"])
    }

    fileprivate var fields: [String: String] {
        var fields = ["traceparent": parent]
        fields["tracestate"] = state
        return fields
    }
}
