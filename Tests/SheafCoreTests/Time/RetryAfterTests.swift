import SheafCore
import Testing

@Suite("Retry-After")
struct RetryAfterTests {
    /// 1994-11-06T08:49:00Z
    private let now = Timestamp(microseconds: 784_111_740_000_000)
    private let hour = Duration.seconds(3600)

    @Test(
        "Both forms are read, the date in all three formats, and the wait is limited",
        arguments: [
            ("0", Duration.zero), ("37", .seconds(37)), (" 37", .seconds(37)), ("37\t ", .seconds(37)),
            ("0037", .seconds(37)), ("3600", .seconds(3600)), ("3601", .seconds(3600)),
            ("9223372036854775807", .seconds(3600)), ("99999999999999999999999", .seconds(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)), ("Sunday, 06-Nov-94 08:49:37 GMT", .seconds(37)),
            ("Sun Nov  6 08:49:37 1994", .seconds(37)), ("Sun, 06 Nov 1994 08:49:00 GMT", .zero),
            ("Sun, 06 Nov 1994 08:48:00 GMT", .zero), ("Sat, 05 Nov 1994 08:50:00 GMT", .zero),
            ("Sun, 06 Nov 1994 09:49:00 GMT", .seconds(3600)), ("Mon, 07 Nov 1994 08:49:37 GMT", .seconds(3600)),
            ("Tuesday, 01-Jan-30 00:00:00 GMT", .seconds(3600)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(3600)),
        ])
    func valid(text: String, expected: Duration) {
        #expect(RetryAfter.duration([text], now: now, atMost: hour) == expected)
    }

    @Test(
        "Any other value is ignored",
        arguments: [
            "", " ", "soon", "-1", "+1", "1.5", "1e3", "1 s", "０", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 199 08:49:37 GMT", "Sun, 006 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "2026-11-23T09:00:00Z", "06 Nov 1994 08:49:37 GMT", "6 Nov 1994",
        ])
    func invalid(text: String) { #expect(RetryAfter.duration([text], now: now, atMost: hour) == nil) }

    @Test(
        "Of several the longest counts, and invalid ones are ignored",
        arguments: [
            (["7", "37"], Duration.seconds(37)), (["37", "7"], .seconds(37)), (["soon", "7"], .seconds(7)),
            (["7", "Sun, 06 Nov 1994 08:49:37 GMT"], .seconds(37)), (["soon", ""], nil), ([], nil),
        ] as [([String], Duration?)])
    func several(values: [String], expected: Duration?) {
        #expect(RetryAfter.duration(values, now: now, atMost: hour) == expected)
    }

    @Test("The caller sets the longest wait: a day for the gateway, a minute for a service")
    func bounds() {
        let never = "Fri, 31 Dec 9999 23:59:59 GMT"
        #expect(RetryAfter.duration([never], now: now, atMost: RetryAfter.longestOfGateway) == .seconds(86_400))
        #expect(RetryAfter.duration([never], now: now, atMost: RetryAfter.longestOfService) == .seconds(60))
    }

    @Test("A clock at the last moment causes no overflow", arguments: [Int64.min, .max])
    func extremeClock(microseconds: Int64) {
        let now = Timestamp(microseconds: microseconds)
        let expected: Duration = microseconds < 0 ? hour : .zero
        #expect(RetryAfter.duration(["Sun, 06 Nov 1994 08:49:37 GMT"], now: now, atMost: hour) == expected)
        #expect(RetryAfter.duration(["7"], now: now, atMost: hour) == .seconds(7))
    }
}
