import Testing

@testable import CEL

@Suite("Times, durations and text")
struct ValueTests {
    @Test(
        "RFC 3339 times are read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
            ("2026-01-05T12:00:00.5+01:00", 1_767_610_800, 500_000_000), ("2024-02-29t00:00:00z", 1_709_164_800, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("9999-12-31T23:59:59.9999999999Z", 253_402_300_799, 999_999_999),
            ("0000-12-31T23:00:00-01:00", -62_135_596_800, 0), ("2000-03-01T00:00:00-23:59", 951_868_800 + 86_340, 0),
        ])
    func timestamps(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) {
        let timestamp = CELTimestamp(text)
        #expect(timestamp?.seconds == seconds)
        #expect(timestamp?.nanoseconds == nanoseconds)
    }

    @Test(
        "other times are not",
        arguments: [
            "", "2026", "2026-01-05", "2026-01-05T12:00:00", "2026-01-05 12:00:00Z", "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T12:60:00Z",
            "2026-01-05T12:00:60Z", "2026-01-05T12:00:00.Z", "2026-01-05T12:00:00+1:00", "2026-01-05T12:00:00+24:00",
            "2026-01-05T12:00:00ZZ", "0000-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "+2026-01-05T12:00:00Z",
            "２026-01-05T12:00:00Z",
        ])
    func badTimestamps(_ text: String) { #expect(CELTimestamp(text) == nil) }

    @Test("microseconds and seconds out of range are no time")
    func ranges() {
        #expect(CELTimestamp(microseconds: .max) == nil)
        #expect(CELTimestamp(microseconds: .min) == nil)
        #expect(CELTimestamp(seconds: .max) == nil)
        #expect(CELTimestamp(microseconds: -1) == CELTimestamp("1969-12-31T23:59:59.999999Z"))
    }

    @Test(
        "durations are read",
        arguments: [
            ("0", 0), ("0s", 0), ("-0", 0), ("1h30m", 5400_000_000_000), ("-1.5h", -5400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000), ("+1ms", 1_000_000), ("1us1ns", 1001), ("3µs", 3000), ("0.1ns", 0),
            ("1m1m", 120_000_000_000),
            ("9223372036854775807ns", Int64.max), ("-9223372036854775808ns", Int64.min), ("0.000000001s", 1),
        ])
    func durations(_ text: String, _ nanoseconds: Int64) { #expect(DurationText.nanoseconds(text) == nanoseconds) }

    @Test(
        "other durations are not",
        arguments: [
            "", "1", "-", "+", "s", ".s", "1d", "1w", "1h 30m", " 1h", "1h-30m", "--1h", "1e3s",
            "9223372036854775808ns",
            "-9223372036854775809ns", "320000000000s", "99999999999999999999999999999999999999999999h", "1h30", "1H",
            "٣s",
        ])
    func badDurations(_ text: String) { #expect(DurationText.nanoseconds(text) == nil) }

    /// The composed and the decomposed letter are equal in Swift and different in CEL.
    @Test("text is compared and searched by code points")
    func codePoints() throws {
        #expect("\u{E9}" == "e\u{301}")
        #expect(try !Fixture.evaluate(#""\u00e9" == "e\u0301""#))
        #expect(try !Fixture.evaluate(#""\u00e9" in ["e\u0301"]"#))
        #expect(try !Fixture.evaluate(#""e\u0301".endsWith("\u00e9")"#))
        #expect(try Fixture.evaluate(#""e\u0301".startsWith("e") && "e\u0301".contains("\u0301")"#))
        #expect(try Fixture.evaluate(#"size("\u00e9") == 1 && size("e\u0301") == 2"#))
        #expect(try Fixture.evaluate(#""a\u0000b" > "a" && "a\u0000b".contains("\u0000")"#))
        #expect(try Fixture.evaluate(#""e\u0301" < "\u00e9" && "\uFFFF" < "\U00010000""#))
    }

    @Test("text is found as a plain search finds it")
    func searching() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2000 {
            let whole = random.text(of: "ab", upTo: 12)
            let part = random.text(of: "ab", upTo: 4)
            let isThere = part.isEmpty || whole.indices.contains { whole[$0...].hasPrefix(part) }
            #expect(whole.hasBytes(part) == isThere, "\(part) in \(whole)")
        }
    }

    @Test("a run-time error names the position, and nothing of the event")
    func runtimeError() {
        let error = #expect(throws: CELRuntimeError.self) {
            try Fixture.evaluate("data.paid &&\n  data.stars / (data.stars - 3) == 1")
        }
        #expect(error?.description == "2:14: division by zero")
    }

    @Test("the variables that are read are known")
    func variables() throws {
        let text = "has(data.author) || recipient_id == 1"
        let expression = try CELExpression(text, declarations: Fixture.declarations)
        #expect(expression.variables == [.field(6), .recipientID])
    }
}
