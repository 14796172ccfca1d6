import Foundation
import SheafCore
import Testing

@Suite("Moments as RFC 3339 text")
struct TimestampTextTests {
    @Test(
        "Valid texts",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000001Z", 1),
            ("1969-12-31T23:59:59.999999Z", -1),
            // RFC 3339, section 5.8.
            ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            ("1990-12-31T23:59:60Z", 662_688_000_000_000),
            ("1990-12-31T15:59:60-08:00", 662_688_000_000_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
            // Letters, separators, offsets.
            ("2026-11-23t09:00:00z", 1_795_424_400_000_000),
            ("2026-11-23 09:00:00Z", 1_795_424_400_000_000),
            ("2026-11-23T09:00:00+00:00", 1_795_424_400_000_000),
            ("2026-11-23T09:00:00-00:00", 1_795_424_400_000_000),
            ("2026-11-23T12:00:00+03:00", 1_795_424_400_000_000),
            ("2026-11-24T08:59:00+23:59", 1_795_424_400_000_000),
            ("2026-11-22T09:01:00-23:59", 1_795_424_400_000_000),
            ("2026-11-23T14:45:00+05:45", 1_795_424_400_000_000),
            // Fractions of any length; digits beyond microseconds are dropped.
            ("2026-11-23T09:00:00.1Z", 1_795_424_400_100_000),
            ("2026-11-23T09:00:00.123Z", 1_795_424_400_123_000),
            ("2026-11-23T09:00:00.1234567Z", 1_795_424_400_123_456),
            ("2026-11-23T09:00:00.999999999999999999999999999Z", 1_795_424_400_999_999),
            // Leap years.
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000),
            ("2000-03-01T00:00:00Z", 951_868_800_000_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000_000),
            // The first and the last moment whose year has four digits.
            ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
            ("0000-02-29T00:00:00Z", -62_162_121_600_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("9999-12-31T23:59:59.999999+23:59", 253_402_214_459_999_999),
        ] as [(String, Int64)])
    func valid(text: String, microseconds: Int64) {
        #expect(Timestamp(text) == Timestamp(microseconds: microseconds))
    }

    @Test(
        "Invalid texts",
        arguments: [
            "", "now", "2026", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00Z", "09:00:00Z",
            "2026-11-23T09:00:00Z ", " 2026-11-23T09:00:00Z", "2026-11-23T09:00:00ZZ", "2026-11-23T09:00:00Z\n",
            "2026-11-23T09:00:00Z\0", "2026-11-23_09:00:00Z", "2026-11-23T09.00.00Z", "2026/11/23T09:00:00Z",
            "20261123T090000Z", "26-11-23T09:00:00Z", "02026-11-23T09:00:00Z", "12026-11-23T09:00:00Z",
            "-026-11-23T09:00:00Z", "+2026-11-23T09:00:00Z", "2026-1-23T09:00:00Z", "2026-11-3T09:00:00Z",
            "2026-11-23T9:00:00Z", "2026-11-23T09:0:00Z", "2026-11-23T09:00:0Z", "2026-00-23T09:00:00Z",
            "2026-13-23T09:00:00Z", "2026-11-00T09:00:00Z", "2026-11-31T09:00:00Z", "2026-04-31T09:00:00Z",
            "2026-01-32T09:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2024-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T09:60:00Z", "2026-11-23T09:00:61Z",
            "2026-11-23T09:00:00.Z", "2026-11-23T09:00:00,5Z", "2026-11-23T09:00:00.-5Z", "2026-11-23T09:00:00.5",
            "2026-11-23T09:00:00+3", "2026-11-23T09:00:00+03", "2026-11-23T09:00:00+0300", "2026-11-23T09:00:00+24:00",
            "2026-11-23T09:00:00+03:60", "2026-11-23T09:00:00 +03:00", "2026-11-23T09:00:00Z+03:00",
            "2026-11-23T09:00:00UTC", "2026-11-23T09:00:00\u{2212}03:00", "２０２６-11-23T09:00:00Z",
            "2026-11-23T09:00:00.５Z", "2026-11-2\u{301}3T09:00:00Z", "1795424400",
            // Before the year 0 and after 9999 in UTC.
            "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "9999-12-31T23:59:60Z",
        ])
    func invalid(text: String) { #expect(Timestamp(text) == nil) }

    @Test("Moments round-trip through their texts, to the millisecond", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let moment = Timestamp(
                microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
            #expect(moment.description.utf8.count == 24)
            #expect(Timestamp(moment.description) == Timestamp(milliseconds: moment.milliseconds), "\(moment)")
        }
    }

    @Test("Later moments have later texts")
    func order() {
        var generator = SplitMix64(seed: 4)
        let moments = (0..<1000).map { _ in
            Timestamp(milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
        }
        #expect(moments.sorted().map(\.description) == moments.map(\.description).sorted())
    }

    @Test("Foundation writes the same text")
    func foundation() {
        var generator = SplitMix64(seed: 5)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<2000 {
            // From 1601 on: before, Foundation's calendar is not Gregorian. Whole eighths, so that a Double is exact.
            let eighths = Int64.random(in: -11_644_473_600 * 8...253_402_300_799 * 8, using: &generator)
            let moment = Timestamp(milliseconds: eighths * 125)
            #expect(moment.description == Date(timeIntervalSince1970: Double(eighths) / 8).formatted(style))
        }
    }

    @Test("Every day has its own date, each after the one before")
    func everyDay() {
        var expected = (year: 1999, month: 12, day: 31)
        let start = Timestamp("1999-12-31T12:00:00Z")?.microseconds ?? 0
        for day in 0..<(102 * 365) {
            let text = Timestamp(microseconds: start + Int64(day) * 86_400_000_000).description
            let parts = text.prefix(10).split(separator: "-").compactMap { Int($0) }
            guard parts == [expected.year, expected.month, expected.day] else {
                Issue.record("\(text) where \(expected) is due")
                return
            }
            expected = Self.dayAfter(expected)
        }
    }

    private static func dayAfter(_ date: (year: Int, month: Int, day: Int)) -> (year: Int, month: Int, day: Int) {
        let isLeap = date.year.isMultiple(of: 4) && (!date.year.isMultiple(of: 100) || date.year.isMultiple(of: 400))
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if date.day < lengths[date.month - 1] { return (date.year, date.month, date.day + 1) }
        return date.month < 12 ? (date.year, date.month + 1, 1) : (date.year + 1, 1, 1)
    }

    @Test("Milliseconds are rounded down, even before 1970")
    func milliseconds() {
        #expect(Timestamp(microseconds: 1999).milliseconds == 1)
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        #expect(Timestamp(microseconds: -1000).milliseconds == -1)
        #expect(Timestamp(microseconds: -1001).milliseconds == -2)
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }
}
