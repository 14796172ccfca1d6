import SheafCore
import Testing

@Suite("Durations as configuration text")
struct DurationTextTests {
    @Test(
        "Valid texts",
        arguments: [
            ("0s", .zero), ("0ms", .zero), ("500ms", .milliseconds(500)), ("2s", .seconds(2)), ("90s", .seconds(90)),
            ("5m", .seconds(300)), ("1h", .seconds(3600)), ("24h", .seconds(86_400)), ("7d", .seconds(604_800)),
            ("007s", .seconds(7)),
            ("8760000h", .seconds(31_536_000_000)), ("31536000000000ms", .seconds(31_536_000_000)),
        ] as [(String, Duration)])
    func valid(text: String, expected: Duration) { #expect(Duration(text: text) == expected) }

    @Test(
        "Invalid texts",
        arguments: [
            "", "s", "5", "5 s", " 5s", "5s ", "5S", "5sec", "5w", "5us", "1.5s", "-5s", "+5s", "1h30m", "5ss", "0x5s",
            "５s", "5s\u{301}", "8760001h", "31536000000001ms", "9223372036854775807ms", "9223372036854775807h",
            "99999999999999999999s",
        ])
    func invalid(text: String) { #expect(Duration(text: text) == nil) }

    @Test(
        "A duration is written in the largest unit that divides it",
        arguments: [
            (.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(1500), "1500ms"), (.seconds(1), "1s"),
            (.seconds(90), "90s"), (.seconds(120), "2m"), (.seconds(3600), "1h"), (.seconds(5400), "90m"),
        ] as [(Duration, String)])
    func text(duration: Duration, expected: String) { #expect(duration.text == expected) }

    @Test("Durations of whole milliseconds round-trip through their texts")
    func roundTrip() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<1000 {
            let unit = [1, 1000, 60_000, 3_600_000].randomElement(using: &generator) ?? 1
            let duration = Duration.milliseconds(unit * Int.random(in: 0...100_000, using: &generator))
            #expect(Duration(text: duration.text) == duration)
        }
    }

    @Test("Microseconds are whole, and clamped to 64 bits")
    func microseconds() {
        #expect(Duration.nanoseconds(1999).microseconds == 1)
        #expect(Duration.seconds(-3).microseconds == -3_000_000)
        #expect(Duration.seconds(Int64.max).microseconds == .max / 2)
        #expect(Duration.seconds(Int64.min).microseconds == -(.max / 2))
        #expect((Duration.seconds(9_223_372_036_854) + .milliseconds(999)).microseconds == .max / 2)
        #expect((Duration.seconds(-9_223_372_036_854) - .milliseconds(999)).microseconds == -(.max / 2))
        #expect(Duration.milliseconds(1500).seconds == 1.5)
    }
}
