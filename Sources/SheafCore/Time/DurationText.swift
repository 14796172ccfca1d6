extension Duration {
    /// A duration from configuration text: a whole number and a unit, `500ms`, `2s`, `5m`, `1h` or `7d`; `nil` if the
    /// text is anything else, or too large.
    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let value = Int64(digits) else { return nil }
        let milliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: milliseconds)
        // A thousand years: with more, sums with a timestamp could overflow.
        guard !overflow, product <= 31_536_000_000_000 else { return nil }
        self = .milliseconds(product)
    }

    /// The duration in the largest unit that divides it: `90s`, `5m`.
    public var text: String {
        let milliseconds = microseconds / 1000
        return switch milliseconds {
        case let value where value != 0 && value % 3_600_000 == 0: "\(value / 3_600_000)h"
        case let value where value != 0 && value % 60_000 == 0: "\(value / 60_000)m"
        case let value where value % 1000 == 0: "\(value / 1000)s"
        default: "\(milliseconds)ms"
        }
    }
}
