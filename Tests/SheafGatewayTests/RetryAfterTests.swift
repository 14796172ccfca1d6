import SheafCore
import Testing

@testable import SheafGateway

@Suite("Retry-After")
struct RetryAfterTests {
    /// 1994-11-06T08:49:00Z
    private let now = Timestamp(microseconds: 784_111_740_000_000)

    @Test(
        "Both forms are read, the date in all its three",
        arguments: [
            ("0", Duration.zero), ("37", .seconds(37)), (" 37", .seconds(37)), ("0037", .seconds(37)),
            ("3600", .seconds(3600)), ("3601", .seconds(3600)), ("9223372036854775807", .seconds(3600)),
            ("99999999999999999999999", .seconds(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)), ("Sunday, 06-Nov-94 08:49:37 GMT", .seconds(37)),
            ("Sun Nov  6 08:49:37 1994", .seconds(37)), ("Sun, 06 Nov 1994 08:48:00 GMT", .zero),
            ("Sun, 06 Nov 1994 09:49:00 GMT", .seconds(3600)), ("Mon, 07 Nov 1994 08:49:37 GMT", .seconds(3600)),
            ("Tuesday, 01-Jan-30 00:00:00 GMT", .seconds(3600)),
        ])
    func valid(text: String, expected: Duration) { #expect(RetryAfter.duration(text, now: now) == expected) }

    @Test(
        "Anything else is no answer",
        arguments: [
            "", " ", "soon", "-1", "+1", "1.5", "1e3", "1 s", "０", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 199 08:49:37 GMT", "Sun, 006 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "2026-11-23T09:00:00Z", "06 Nov 1994 08:49:37 GMT",
        ])
    func invalid(text: String) { #expect(RetryAfter.duration(text, now: now) == nil) }
}
