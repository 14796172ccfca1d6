/// The body of `POST /v1/traces`: an `ExportTraceServiceRequest` in JSON.
struct OTLPRequest: Encodable {
    struct Resource: Encodable {
        let attributes: [OTLPAttribute]
    }

    struct Scope: Encodable {
        let name: String
    }

    struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [OTLPSpan]
    }

    struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    let resourceSpans: [ResourceSpans]

    init(_ spans: [SpanRecord], resource: [OTLPAttribute]) {
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: resource),
                scopeSpans: [ScopeSpans(scope: Scope(name: "sheaf"), spans: spans.map { OTLPSpan($0) })])
        ]
    }
}
