/// The header `Retry-After` (RFC 9110, section 10.2.3).
public enum RetryAfter {
    /// The maximum wait that the gateway can ask for.
    public static let longestOfGateway = Duration.seconds(86_400)
    /// The maximum wait that a service can ask for: a window is held meanwhile, and no service may hold it for ever.
    public static let longestOfService = Duration.seconds(60)
    /// The maximum wait that the trace collector can ask for: meanwhile spans are dropped.
    public static let longestOfCollector = Duration.seconds(300)

    /// How long a response asks to wait from `now` on, from zero to `longest`; `nil` if no header holds whole seconds
    /// or a date.
    ///
    /// - Parameters:
    ///   - values: all `Retry-After` headers of the response; the longest wait counts.
    ///   - date: the `Date` header of the response. If it is valid, a date in `Retry-After` is measured from it, so
    ///     that clocks need not agree.
    public static func duration(
        _ values: [String], date: String? = nil, now: Timestamp, atMost longest: Duration
    ) -> Duration? {
        values.compactMap { duration($0, date: date, now: now, atMost: longest) }.max()
    }

    private static func duration(
        _ value: String, date: String?, now: Timestamp, atMost longest: Duration
    ) -> Duration? {
        let now = date.flatMap { Timestamp(httpDate: $0) } ?? now
        let value = Substring(value).trimmingBlanks
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // A number of more than 64 bits exceeds any limit.
            return min(.seconds(Int64(value) ?? .max), longest)
        }
        guard let moment = Timestamp(httpDate: String(value)) else { return nil }
        // `Duration` has 128 bits, so it holds the difference of any two moments.
        return min(max(.microseconds(moment.microseconds) - .microseconds(now.microseconds), .zero), longest)
    }
}

extension Substring {
    /// The text without spaces and tabs around a header's value.
    fileprivate var trimmingBlanks: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
