import SheafCore
import Tracing

/// A span in OTLP's JSON: ids in hexadecimal digits, times as strings of nanoseconds, enumerations as numbers
/// (opentelemetry/proto/trace/v1/trace.proto).
struct OTLPSpan: Encodable {
    struct Event: Encodable {
        let timeUnixNano: String
        let name: String
        let attributes: [OTLPAttribute]
    }

    struct Link: Encodable {
        let traceId: String
        let spanId: String
        let traceState: String?
    }

    struct Status: Encodable {
        let code: Int
        let message: String?
    }

    let traceId: String
    let spanId: String
    let parentSpanId: String?
    let traceState: String?
    let name: String
    let kind: Int
    let startTimeUnixNano: String
    let endTimeUnixNano: String
    let attributes: [OTLPAttribute]
    let events: [Event]
    let links: [Link]
    let droppedLinksCount: Int
    let status: Status

    init(_ span: SpanRecord) {
        traceId = span.context.traceText
        spanId = span.context.spanText
        parentSpanId = span.parent.map { span.context.under(span: $0).spanText }
        traceState = span.context.state
        name = span.name
        kind = Self.number(of: span.kind)
        startTimeUnixNano = String(span.start)
        endTimeUnixNano = String(span.end)
        attributes = OTLPAttribute.all(of: span.attributes)
        events = span.events.map {
            Event(
                timeUnixNano: String($0.nanosecondsSinceEpoch), name: $0.name,
                attributes: OTLPAttribute.all(of: $0.attributes))
        }
        links = span.links.map { Link(traceId: $0.traceText, spanId: $0.spanText, traceState: $0.state) }
        droppedLinksCount = span.droppedLinks
        status = Status(code: Self.number(of: span.status), message: span.status?.message)
    }

    private static func number(of kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func number(of status: SpanStatus?) -> Int {
        switch status?.code {
        case nil: 0
        case .ok: 1
        case .error: 2
        }
    }
}
