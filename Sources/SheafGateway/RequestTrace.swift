import Instrumentation
import NIOHTTP1
import SheafCore

/// The trace of a request to the gateway, for its headers.
struct RequestTrace {
    private let context: TraceContext

    /// A new span within the trace of the notification's events; if they have none, in a trace named after the
    /// notification.
    init(of notification: UserNotification) {
        let trace =
            notification.trace
            ?? TraceContext(trace: (notification.id.high, notification.id.low), span: 1, isSampled: true)
        context = trace.under(span: .random(in: 1 ... .max))
    }

    /// Adds the headers.
    ///
    /// - Parameter propagator: provides the current span of a traced request, which takes precedence.
    func add(to headers: inout HTTPHeaders, from propagator: (any Instrument)?) {
        if let propagator, let current = InstrumentationContext.current {
            propagator.inject(current, into: &headers, using: HeaderInjector())
        }
        guard !headers.contains(name: "traceparent") else { return }
        headers.add(name: "traceparent", value: context.parent)
        if let state = context.state { headers.add(name: "tracestate", value: state) }
    }
}

/// Writes propagated values as headers.
private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPHeaders) {
        carrier.replaceOrAdd(name: key, value: value)
    }
}
