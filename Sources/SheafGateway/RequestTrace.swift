import Instrumentation
import NIOHTTP1
import SheafCore

/// The trace that a request to the gateway belongs to, as its headers say it.
struct RequestTrace {
    private let context: TraceContext

    /// A new span within the trace of the notification's events; a trace that is named after the notification where
    /// they have none.
    init(of notification: UserNotification) {
        let trace =
            notification.trace
            ?? TraceContext(trace: (notification.id.high, notification.id.low), span: 1, isSampled: true)
        context = trace.under(span: .random(in: 1 ... .max))
    }

    /// Adds the headers.
    ///
    /// - Parameter propagator: says which span the request is made in, if it is traced; that goes before.
    func add(to headers: inout HTTPHeaders, from propagator: (any Instrument)?) {
        if let propagator, let current = InstrumentationContext.current {
            propagator.inject(current, into: &headers, using: HeaderInjector())
        }
        guard !headers.contains(name: "traceparent") else { return }
        headers.add(name: "traceparent", value: context.parent)
        if let state = context.state { headers.add(name: "tracestate", value: state) }
    }
}

/// Writes what is to be propagated as headers.
private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPHeaders) {
        carrier.replaceOrAdd(name: key, value: value)
    }
}
