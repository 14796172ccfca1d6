import SheafCore

/// Decides which traces are recorded: those that their caller records, and a share of those that begin here.
struct Sampler: Sendable {
    /// Traces with a number below this are recorded.
    private let bound: UInt64

    /// - Parameter ratio: 0 for none, 1 for all.
    init(ratio: Double) {
        // A trace's low 63 bits have exactly this many values, so the bound is exact.
        bound = UInt64(min(max(ratio, 0), 1) * 0x1p63)
    }

    /// A trace that begins here. The decision follows from the trace's number, so every part of a program makes the
    /// same one.
    func newTrace() -> TraceContext {
        let trace = (high: UInt64.random(in: 1 ... .max), low: UInt64.random(in: 0 ... .max))
        return TraceContext(trace: trace, span: .random(in: 1 ... .max), isSampled: trace.low >> 1 < bound)
    }
}
