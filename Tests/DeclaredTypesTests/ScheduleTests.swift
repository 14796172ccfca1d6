import Foundation
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Times of day")
struct ScheduleTests {
    @Test(
        "The next occurrence is after the moment, on one of the days, by the zone's clocks",
        arguments: [
            // Wednesday to Monday, in winter and in summer.
            ("2026-01-07T10:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-01-12T08:00:00Z"),
            ("2026-07-08T10:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-07-13T07:00:00Z"),
            // The same day, and not at the very moment.
            ("2026-01-05T07:59:59Z", "Europe/Berlin", "09:00", "mon", "2026-01-05T08:00:00Z"),
            ("2026-01-05T08:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-01-12T08:00:00Z"),
            // The date there is another one.
            ("2026-01-04T20:00:00Z", "Pacific/Auckland", "09:30", "mon", "2026-01-04T20:30:00Z"),
            ("2026-01-06T02:00:00Z", "America/Los_Angeles", "19:00", "mon", "2026-01-06T03:00:00Z"),
            // 02:30 does not exist on that day; 02:30 exists twice, of which the first counts.
            ("2026-03-29T00:00:00Z", "Europe/Berlin", "02:30", "sun", "2026-03-29T01:30:00Z"),
            ("2026-10-24T23:00:00Z", "Europe/Berlin", "02:30", "sun", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:45:00Z", "Europe/Berlin", "02:30", "sun", "2026-11-01T01:30:00Z"),
            ("2026-01-05T12:00:00Z", "UTC", "00:00", "tue", "2026-01-06T00:00:00Z"),
        ])
    func next(after: String, zone: String, at: String, day: String, expected: String) throws {
        let schedule = DeliverySchedule(
            at: try #require(TimeOfDay(at)), days: [try #require(DeliverySchedule.Day(rawValue: day))])
        let next = schedule.next(
            after: try #require(Timestamp(after)), in: try #require(TimeZone(identifier: zone)))
        #expect(next == Timestamp(expected))
    }

    @Test(
        "Times of day have two digits each",
        arguments: ["9:00", "24:00", "09:60", "09.00", "", "0900", "09:00:00", "ab:cd"])
    func bad(text: String) { #expect(TimeOfDay(text) == nil) }

    @Test("Quiet hours and caps")
    func values() {
        #expect(QuietHours("none") == QuietHours.none)
        #expect(QuietHours("22:00-08:00") != nil && QuietHours("22:00-22:00") == nil && QuietHours("22:00") == nil)
        #expect(Cap("3/1d")?.period == .seconds(86_400) && Cap("3/1d")?.count == 3)
        #expect(Cap("-3/1d") == nil && Cap("3/0s") == nil && Cap("3/") == nil && Cap("3") == nil)
        #expect(TimeOfDay("09:05")?.text == "09:05")
    }
}
