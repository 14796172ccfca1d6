import Foundation
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Times of day")
struct ScheduleTests {
    @Test(
        "The next occurrence is after the moment, on one of the days, in the zone's time",
        arguments: [
            // Wednesday to Monday, in winter and in summer.
            ("2026-01-07T10:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-01-12T08:00:00Z"),
            ("2026-07-08T10:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-07-13T07:00:00Z"),
            // The same day, but not the very moment.
            ("2026-01-05T07:59:59Z", "Europe/Berlin", "09:00", "mon", "2026-01-05T08:00:00Z"),
            ("2026-01-05T08:00:00Z", "Europe/Berlin", "09:00", "mon", "2026-01-12T08:00:00Z"),
            // The date in that zone is another one.
            ("2026-01-04T20:00:00Z", "Pacific/Auckland", "09:30", "mon", "2026-01-04T20:30:00Z"),
            ("2026-01-06T02:00:00Z", "America/Los_Angeles", "19:00", "mon", "2026-01-06T03:00:00Z"),
            // 02:30 does not exist on that day; 02:30 exists twice, and the first counts.
            ("2026-03-29T00:00:00Z", "Europe/Berlin", "02:30", "sun", "2026-03-29T01:30:00Z"),
            ("2026-10-24T23:00:00Z", "Europe/Berlin", "02:30", "sun", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:45:00Z", "Europe/Berlin", "02:30", "sun", "2026-11-01T01:30:00Z"),
            // Half an hour that exists twice, and half an hour that does not.
            ("2026-04-04T00:00:00Z", "Australia/Lord_Howe", "01:45", "sun", "2026-04-04T14:45:00Z"),
            ("2026-04-04T14:50:00Z", "Australia/Lord_Howe", "01:45", "sun", "2026-04-11T15:15:00Z"),
            ("2026-10-03T00:00:00Z", "Australia/Lord_Howe", "02:15", "sun", "2026-10-03T15:45:00Z"),
            // A day that did not exist moves to the next, and only once.
            ("2011-12-29T22:00:00Z", "Pacific/Apia", "09:00", "fri", "2011-12-30T19:00:00Z"),
            ("2011-12-29T22:00:00Z", "Pacific/Apia", "09:00", "sat", "2011-12-30T19:00:00Z"),
            ("2011-12-30T19:00:00Z", "Pacific/Apia", "09:00", "sat", "2012-01-06T19:00:00Z"),
            // Midnight that does not exist, and the last hour of a day that exists twice.
            ("2026-04-23T00:00:00Z", "Africa/Cairo", "00:30", "fri", "2026-04-23T22:30:00Z"),
            ("2026-10-29T00:00:00Z", "Africa/Cairo", "23:30", "thu", "2026-10-29T20:30:00Z"),
            // Before the epoch, and an unknown zone.
            ("1969-12-31T12:00:00Z", "UTC", "09:00", "thu", "1970-01-01T09:00:00Z"),
            ("2026-01-05T12:00:00Z", "Mars/Olympus", "09:00", "tue", "2026-01-06T09:00:00Z"),
            ("2026-01-05T12:00:00Z", "UTC", "00:00", "tue", "2026-01-06T00:00:00Z"),
        ])
    func next(after: String, zone: String, at: String, day: String, expected: String) throws {
        let schedule = DeliverySchedule(
            at: try #require(TimeOfDay(at)), days: [try #require(DeliverySchedule.Day(rawValue: day))])
        let next = schedule.next(after: try #require(Timestamp(after)), in: zone)
        #expect(next == Timestamp(expected))
    }

    @Test(
        "Each day of two years has one occurrence, in zones with all kinds of changes",
        arguments: [
            "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "Africa/Casablanca", "Asia/Tehran", "UTC",
        ])
    func daily(zone: String) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        for text in ["00:00", "01:45", "02:15", "23:59"] {
            let at = try #require(TimeOfDay(text))
            let schedule = DeliverySchedule(at: at, days: Set(DeliverySchedule.Day.allCases))
            var moment = try #require(Timestamp("2011-01-01T00:00:00Z"))
            var dates: Set<DateComponents> = []
            while moment < Timestamp("2013-01-01T00:00:00Z") ?? moment {
                let next = schedule.next(after: moment, in: zone)
                #expect(next > moment && next - moment <= .seconds(49 * 3600))
                let date = Date(timeIntervalSince1970: Double(next.microseconds / 1_000_000))
                #expect(dates.insert(calendar.dateComponents([.year, .month, .day], from: date)).inserted)
                moment = next
            }
            #expect(dates.count >= 730)
        }
    }

    @Test(
        "A rule round-trips through its text",
        arguments: [
            ClosingRule.policy(WindowPolicy()),
            .policy(WindowPolicy(mode: .sliding, length: .milliseconds(1), maxWait: .seconds(90), maxEvents: 1)),
            .policy(WindowPolicy(mode: .leading, length: .seconds(7), maxWait: .seconds(70), maxEvents: .max)),
        ])
    func rules(rule: ClosingRule) throws {
        #expect(ClosingRule(rule.text) == rule)
        let at = try #require(TimeOfDay("09:05"))
        let scheduled = ClosingRule.schedule(
            DeliverySchedule(at: at, days: [.mon, .sat], zone: "America/Argentina/Buenos_Aires", maxEvents: 3))
        #expect(scheduled.text == "at 09:05 mon,sat 3 America/Argentina/Buenos_Aires")
        #expect(ClosingRule(scheduled.text) == scheduled)
        for text in ["", "at", "at 9:00 mon 1 UTC", "at 09:00 x 1 UTC", "tumbling 1 2", "odd 1 2 3"] {
            #expect(ClosingRule(text) == nil)
        }
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
