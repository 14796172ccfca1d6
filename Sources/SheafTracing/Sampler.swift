import SheafCore

/// Which traces are recorded: those whose caller records them, and a share of those that begin here.
struct Sampler: Sendable {
    /// The share of all traces below whose number one is recorded.
    private let bound: UInt64

    /// - Parameter ratio: 0 for none, 1 for all.
    init(ratio: Double) {
        // As many values as a trace's low 63 bits have, so that the bound can be told exactly.
        bound = UInt64(min(max(ratio, 0), 1) * 0x1p63)
    }

    /// A trace that begins here. Every part of a program decides the same for one trace, since it goes by its number.
    func newTrace() -> TraceContext {
        let trace = (high: UInt64.random(in: 1 ... .max), low: UInt64.random(in: 0 ... .max))
        return TraceContext(trace: trace, span: .random(in: 1 ... .max), isSampled: trace.low >> 1 < bound)
    }
}
