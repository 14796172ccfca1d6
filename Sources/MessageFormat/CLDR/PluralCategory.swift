/// A plural category of CLDR.
public enum PluralCategory: String, Hashable, Sendable, CaseIterable {
    case zero, one, two, few, many, other
}

/// What a number counts: things (2 days), or a place in an order (the 2nd day).
public enum PluralKind: Hashable, Sendable {
    case cardinal, ordinal
}

/// A number as CLDR's plural rules use it: its printed digits, without the sign.
public struct PluralOperands: Hashable, Sendable {
    /// The integer part (`i`). Of numbers beyond 64 bits, only the last digits are correct.
    public let whole: UInt64
    /// The number of digits after the decimal point (`v`).
    public let fractionDigits: Int
    /// The digits after the decimal point as a number (`f`).
    public let fraction: UInt64
    /// The digits after the decimal point as a number, without trailing zeros (`t`).
    let trimmedFraction: UInt64

    /// The number of digits after the decimal point, without trailing zeros (`w`).
    var trimmedFractionDigits: Int {
        var (digits, rest) = (fractionDigits, fraction)
        while digits > 0, rest.isMultiple(of: 10) { (digits, rest) = (digits - 1, rest / 10) }
        return digits
    }

    /// A whole number.
    public init(_ number: Int64) {
        self.init(whole: number.magnitude, fractionDigits: 0, fraction: 0)
    }

    /// A number that is printed with at most `maximum` digits (0...15) after the point and no trailing zeros.
    public init(_ number: Double, maximumFractionDigits maximum: Int = 3) {
        let number = number.magnitude
        guard number.isFinite else {
            self.init(whole: 0, fractionDigits: 0, fraction: 0)
            return
        }
        let digits = min(max(maximum, 0), 15)
        let scale = (0..<digits).reduce(UInt64(1)) { scale, _ in scale * 10 }
        let scaled = (number * Double(scale)).rounded(.toNearestOrEven)
        guard let units = UInt64(exactly: scaled) else {
            let lastDigits = UInt64(number.truncatingRemainder(dividingBy: 1e15))
            self.init(whole: lastDigits + 1_000_000_000_000_000, fractionDigits: 0, fraction: 0)
            return
        }
        var (fraction, count) = (units % scale, digits)
        while count > 0, fraction.isMultiple(of: 10) { (fraction, count) = (fraction / 10, count - 1) }
        self.init(whole: units / scale, fractionDigits: count, fraction: fraction)
    }

    /// A number with its digits after the decimal point: 1.20 is `whole` 1, `fraction` 20, `fractionDigits` 2.
    public init(whole: UInt64, fractionDigits: Int, fraction: UInt64) {
        self.whole = whole
        self.fractionDigits = fractionDigits
        self.fraction = fraction
        var trimmed = fraction
        while trimmed != 0, trimmed.isMultiple(of: 10) { trimmed /= 10 }
        trimmedFraction = trimmed
    }
}
