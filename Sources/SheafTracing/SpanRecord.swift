import SheafCore
import Tracing

/// A span that has ended, ready to be exported.
struct SpanRecord: Sendable {
    let context: TraceContext
    /// The parent span; `nil` if the trace begins here.
    let parent: UInt64?
    let name: String
    let kind: SpanKind
    /// Nanoseconds since 1970.
    let start: UInt64
    let end: UInt64
    let attributes: SpanAttributes
    let events: [SpanEvent]
    let links: [TraceContext]
    /// Links beyond the limit.
    let droppedLinks: Int
    let status: SpanStatus?
}
