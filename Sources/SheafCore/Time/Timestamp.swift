/// A moment in UTC with microsecond precision. Sums that overflow 64 bits are clamped to the first or last moment.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(milliseconds: Int64) { self.init(microseconds: milliseconds.multipliedClamped(by: 1000)) }

    /// Milliseconds since the epoch, rounded down.
    public var milliseconds: Int64 {
        microseconds >= 0 ? microseconds / 1000 : microseconds / 1000 - (microseconds % 1000 == 0 ? 0 : 1)
    }

    public static let distantFuture = Timestamp(microseconds: 253_402_300_799_999_999)

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    public static func + (left: Self, right: Duration) -> Self {
        Self(microseconds: left.microseconds.addingClamped(right.microseconds))
    }

    public static func - (left: Self, right: Duration) -> Self {
        Self(microseconds: left.microseconds.subtractingClamped(right.microseconds))
    }

    /// The time from `right` to `left`.
    public static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microseconds.subtractingClamped(right.microseconds))
    }
}

extension Duration {
    /// The whole microseconds of the duration, clamped to 64 bits.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let bound = Int64.max / 2
        guard !overflow, abs(product) < bound else { return seconds < 0 ? -bound : bound }
        return product + attoseconds / 1_000_000_000_000
    }

    /// The duration as fractional seconds, for metrics.
    public var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
