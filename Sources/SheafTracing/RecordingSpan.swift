public import SheafCore
import Synchronization
public import Tracing

/// A span of ``SpanTracer``. A span that is not sampled propagates its context and records nothing.
public final class RecordingSpan: Span {
    /// The maximum links and events of a span, OpenTelemetry's default.
    private static let limit = 128

    private struct State {
        var name: String
        var attributes = SpanAttributes([:])
        var events: [SpanEvent] = []
        var links: [TraceContext] = []
        var droppedLinks = 0
        var status: SpanStatus?
        var hasEnded = false
    }

    public let context: InstrumentationContext
    /// The span's own trace context.
    public let trace: TraceContext
    private let parent: UInt64?
    private let kind: SpanKind
    private let start: UInt64
    private let onEnd: @Sendable (SpanRecord) -> Void
    private let state: Mutex<State>

    init(
        _ name: String, context: InstrumentationContext, trace: TraceContext, parent: UInt64?, kind: SpanKind,
        start: UInt64, onEnd: @escaping @Sendable (SpanRecord) -> Void
    ) {
        self.context = context
        self.trace = trace
        self.parent = parent
        self.kind = kind
        self.start = start
        self.onEnd = onEnd
        state = Mutex(State(name: name))
    }

    public var isRecording: Bool { trace.isSampled && !state.withLock { $0.hasEnded } }

    public var operationName: String {
        get { state.withLock { $0.name } }
        set { record { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { record { $0.attributes = newValue } }
    }

    public func setStatus(_ status: SpanStatus) { record { $0.status = status } }

    public func addEvent(_ event: SpanEvent) {
        record { if $0.events.count < Self.limit { $0.events.append(event) } }
    }

    public func addLink(_ link: SpanLink) {
        guard let trace = link.context.trace else { return }
        record { state in
            if state.links.count < Self.limit { state.links.append(trace) } else { state.droppedLinks += 1 }
        }
    }

    /// Of errors that are not Sheaf's own only the type is recorded: their messages may hold payloads or secrets.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        var all = attributes
        all["exception.type"] = String(describing: type(of: error))
        if let error = error as? SheafError { all["exception.message"] = error.description }
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
    }

    /// Passes the span on for export. Later calls change nothing.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard trace.isSampled else { return }
        let last = state.withLock { state -> State? in
            defer { state.hasEnded = true }
            return state.hasEnded ? nil : state
        }
        guard let last else { return }
        onEnd(
            SpanRecord(
                context: trace, parent: parent, name: last.name, kind: kind, start: start,
                // The wall clock may have been set back meanwhile.
                end: max(start, instant().nanosecondsSinceEpoch), attributes: last.attributes, events: last.events,
                links: last.links, droppedLinks: last.droppedLinks, status: last.status))
    }

    private func record(_ change: (inout State) -> Void) {
        guard trace.isSampled else { return }
        state.withLock { state in
            if !state.hasEnded { change(&state) }
        }
    }
}
