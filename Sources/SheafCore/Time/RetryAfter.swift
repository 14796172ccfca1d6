/// The header `Retry-After` (RFC 9110, section 10.2.3).
public enum RetryAfter {
    /// The longest wait that is heeded if the gateway asks for it.
    public static let longestOfGateway = Duration.seconds(86_400)
    /// The longest wait that is heeded if a service asks for it: a window is held while its service is away, and no
    /// service may hold it for ever.
    public static let longestOfService = Duration.seconds(60)
    /// The longest wait that is heeded if the collector of traces asks for it: meanwhile spans are dropped.
    public static let longestOfCollector = Duration.seconds(300)

    /// How long an answer asks to wait from `now` on, never below zero nor above `longest`; `nil` if none of its headers
    /// is whole seconds or a date.
    ///
    /// - Parameters:
    ///   - values: all headers `Retry-After` of the answer; the longest wait counts.
    ///   - date: the answer's header `Date`, from which a date is measured if it can be read, so that clocks need not
    ///     agree.
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
            // More digits than 64 bits hold ask for more than any bound, too.
            return min(.seconds(Int64(value) ?? .max), longest)
        }
        guard let moment = Timestamp(httpDate: String(value)) else { return nil }
        // As durations, which have 128 bits: any two moments differ by less.
        return min(max(.microseconds(moment.microseconds) - .microseconds(now.microseconds), .zero), longest)
    }
}

extension Substring {
    /// The text without the spaces and tabs that may stand around a header's value.
    fileprivate var trimmingBlanks: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
