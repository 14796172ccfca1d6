import SheafCore

/// The distinct traces with which some events came.
struct TraceOrigins: Sendable {
    /// In the order of their first event, up to a limit.
    private(set) var contexts: [TraceContext] = []
    /// How many traces exceed the limit.
    private(set) var omitted = 0
    /// Whether there are events without a trace.
    private(set) var hasUntraced = false
    private var sampled: TraceContext?

    /// The trace to continue: a sampled one if there is any, so that an unsampled trace does not hide it.
    var main: TraceContext? { sampled ?? contexts.first }

    /// - Parameter texts: the events' traces, as ``TraceContext`` writes them.
    init(_ texts: some Sequence<String?>, limit: Int) {
        var seen: Set<String> = []
        var last: String?
        for text in texts {
            guard let text else {
                hasUntraced = true
                continue
            }
            // Neighbouring events mostly came together.
            guard text != last, seen.insert(text).inserted else { continue }
            last = text
            guard let context = TraceContext(text) else {
                hasUntraced = true
                continue
            }
            if sampled == nil, context.isSampled { sampled = context }
            if contexts.count < limit { contexts.append(context) } else { omitted += 1 }
        }
    }
}
