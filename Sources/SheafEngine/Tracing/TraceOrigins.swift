import SheafCore

/// The traces that some events came with, each once.
struct TraceOrigins: Sendable {
    /// In the order they are first seen, up to a limit.
    private(set) var contexts: [TraceContext] = []
    /// How many there are beyond the limit.
    private(set) var omitted = 0
    /// Whether there are events without a trace.
    private(set) var hasUntraced = false
    private var sampled: TraceContext?

    /// The one to go on with: what one of the callers may record is not to be lost for what another does not.
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
            // Neighbours mostly came together.
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
