public import Foundation
public import SheafCore

/// A time of day, in the recipient's zone, on some days of the week.
public struct DeliverySchedule: Hashable, Sendable {
    /// The days of the week, in the order of Foundation's calendars.
    public enum Day: String, Hashable, Sendable, CaseIterable {
        case sun, mon, tue, wed, thu, fri, sat
    }

    public let at: TimeOfDay
    /// At least one.
    public let days: Set<Day>

    public init(at: TimeOfDay, days: Set<Day>) {
        self.at = at
        self.days = days
    }

    /// The first occurrence after `moment`.
    ///
    /// A local time that a change of the clocks leaves out is that much later (RFC 5545, section 3.3.5); of one that
    /// exists twice the first counts.
    public func next(after moment: Timestamp, in zone: TimeZone) -> Timestamp {
        let start = Date(timeIntervalSince1970: Double(moment.microseconds) / 1_000_000)
        let local = start.addingTimeInterval(Double(zone.secondsFromGMT(for: start)))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let midnight = calendar.startOfDay(for: local)
        // A week and a day, and one more if the first is before `moment` only because the clocks change.
        for offset in -1...9 {
            let day = midnight.addingTimeInterval(Double(offset) * 86_400)
            guard days.contains(Day.allCases[calendar.component(.weekday, from: day) - 1]) else { continue }
            let due = Self.moment(ofLocal: day.addingTimeInterval(Double(at.minutes) * 60), in: zone)
            if due > moment { return due }
        }
        return moment
    }

    /// The moment at which clocks of `zone` show what `local` shows in UTC.
    private static func moment(ofLocal local: Date, in zone: TimeZone) -> Timestamp {
        let offsets = [-86_400.0, 86_400].map { Double(zone.secondsFromGMT(for: local.addingTimeInterval($0))) }
        let candidates = offsets.map { local.addingTimeInterval(-$0) }
        let existing = zip(candidates, offsets).filter { Double(zone.secondsFromGMT(for: $0)) == $1 }.map(\.0)
        let moment = existing.min() ?? candidates[0]
        return Timestamp(microseconds: Int64(moment.timeIntervalSince1970) * 1_000_000)
    }
}

/// A time of day to the minute: `09:00`.
public struct TimeOfDay: Hashable, Sendable {
    /// Minutes after midnight.
    public let minutes: Int

    public init?(_ text: String) {
        let digits = text.utf8.map { Int($0) - Int(UInt8(ascii: "0")) }
        guard digits.count == 5, text.utf8.dropFirst(2).first == UInt8(ascii: ":") else { return nil }
        guard [0, 1, 3, 4].allSatisfy({ (0...9).contains(digits[$0]) }) else { return nil }
        let (hours, rest) = (digits[0] * 10 + digits[1], digits[3] * 10 + digits[4])
        guard hours < 24, rest < 60 else { return nil }
        minutes = hours * 60 + rest
    }

    public var text: String {
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return parts.joined(separator: ":")
    }
}
