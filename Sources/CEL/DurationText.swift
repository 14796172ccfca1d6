/// CEL's text for durations, as in `1h30m`, `-1.5h` or `0`:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md#types-and-conversions
enum DurationText {
    /// No unit is a prefix of a unit after it.
    private static let units: [(StaticString, Int128)] = [
        ("h", 3_600_000_000_000), ("ms", 1_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("us", 1000),
        ("µs", 1000), ("ns", 1),
    ]
    /// More than any duration can have.
    private static let limit: Int128 = 1 << 65

    /// Nil if the text is not a duration, or exceeds 64 bits of nanoseconds. Fractions of a nanosecond are dropped.
    static func nanoseconds(_ text: String) -> Int64? {
        var reader = DigitReader(text)
        let isNegative = reader.take("-")
        if !isNegative { _ = reader.take("+") }
        var rest = reader
        if rest.take("0"), rest.isAtEnd { return 0 }
        var total: Int128 = 0
        repeat {
            guard let part = part(&reader) else { return nil }
            total += part
            guard total < limit else { return nil }
        } while !reader.isAtEnd
        return Int64(exactly: isNegative ? -total : total)
    }

    /// A number and its unit.
    private static func part(_ reader: inout DigitReader) -> Int128? {
        var whole: Int128 = 0
        var hasDigits = false
        while let digit = reader.digit() {
            hasDigits = true
            whole = whole * 10 + Int128(digit)
            guard whole < limit else { return nil }
        }
        var fraction: Int64 = 0
        if reader.take(".") {
            if let digits = reader.fraction(digits: 18) {
                fraction = digits
            } else if !hasDigits {
                return nil
            }
        } else if !hasDigits {
            return nil
        }
        guard let (_, unit) = units.first(where: { reader.take($0.0) }) else { return nil }
        return whole * unit + Int128(fraction) * unit / 1_000_000_000_000_000_000
    }
}
