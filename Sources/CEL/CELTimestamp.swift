/// A moment between the years 1 and 9999 with nanosecond precision:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md#overflow
public struct CELTimestamp: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    public let seconds: Int64
    /// The remainder, 0..<1,000,000,000.
    public let nanoseconds: Int32

    private static let nanosecondsInSecond: Int128 = 1_000_000_000
    private static let range: ClosedRange<Int128> =
        -62_135_596_800 * nanosecondsInSecond...253_402_300_799 * nanosecondsInSecond + 999_999_999

    /// Nil outside the years 1 to 9999.
    init?(total: Int128) {
        guard Self.range.contains(total) else { return nil }
        let (quotient, remainder) = total.quotientAndRemainder(dividingBy: Self.nanosecondsInSecond)
        seconds = Int64(remainder < 0 ? quotient - 1 : quotient)
        nanoseconds = Int32(remainder < 0 ? remainder + Self.nanosecondsInSecond : remainder)
    }

    /// Nil outside the years 1 to 9999.
    public init?(seconds: Int64) { self.init(total: Int128(seconds) * Self.nanosecondsInSecond) }

    /// Microseconds since 1970-01-01T00:00:00Z; nil outside the years 1 to 9999.
    public init?(microseconds: Int64) { self.init(total: Int128(microseconds) * 1000) }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    private var total: Int128 { Int128(seconds) * Self.nanosecondsInSecond + Int128(nanoseconds) }

    /// Nil if the sum is out of range.
    func adding(nanoseconds: Int64) -> CELTimestamp? { CELTimestamp(total: total + Int128(nanoseconds)) }

    func subtracting(nanoseconds: Int64) -> CELTimestamp? { CELTimestamp(total: total - Int128(nanoseconds)) }

    /// The nanoseconds from `other` to this moment; nil if they are out of range for a duration.
    func nanoseconds(since other: CELTimestamp) -> Int64? { Int64(exactly: total - other.total) }

    public static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

// MARK: - Reading

extension CELTimestamp {
    /// Reads RFC 3339 text; fraction digits after the ninth are dropped. Nil if the text is anything else, or outside
    /// the years 1 to 9999 in UTC.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.take("-"), let month = reader.number(digits: 2),
            reader.take("-"), let day = reader.number(digits: 2), reader.take("T") || reader.take("t"),
            let hour = reader.number(digits: 2), reader.take(":"), let minute = reader.number(digits: 2),
            reader.take(":"), let second = reader.number(digits: 2), hour < 24, minute < 60, second < 60,
            let days = Self.days(year: year, month: month, day: day)
        else { return nil }
        var fraction: Int64 = 0
        if reader.take(".") {
            guard let digits = reader.fraction(digits: 9) else { return nil }
            fraction = digits
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(total: Int128(seconds) * Self.nanosecondsInSecond + Int128(fraction))
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`); nil if there is no
    /// such day.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        // Years begin in March here; adding 400 years keeps all terms positive.
        let shifted = (month <= 2 ? year - 1 : year) + 400
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468 - 146_097
    }
}

/// Reads digits and signs from the front of a text.
struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            guard rest.starts(with: expected) else { return false }
            rest.removeFirst(expected.count)
            return true
        }
    }

    mutating func digit() -> Int64? {
        guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest.removeFirst()
        return Int64(first - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// At least one digit; the first `digits` of them as a whole number, later ones are dropped.
    mutating func fraction(digits: Int) -> Int64? {
        guard let first = digit() else { return nil }
        var value = first
        var count = 1
        while let next = digit() {
            guard count < digits else { continue }
            value = value * 10 + next
            count += 1
        }
        for _ in count..<digits { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(digits: 2), take(":"), let minutes = number(digits: 2),
            hours < 24,
            minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
