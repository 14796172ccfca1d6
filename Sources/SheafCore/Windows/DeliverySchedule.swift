internal import FoundationEssentials

/// A time of day, in the recipient's time zone, on some days of the week.
public struct DeliverySchedule: Hashable, Sendable {
    /// The days of the week; the first is Sunday.
    public enum Day: String, Hashable, Sendable, CaseIterable {
        case sun, mon, tue, wed, thu, fri, sat
    }

    public let at: TimeOfDay
    /// At least one.
    public let days: Set<Day>
    /// The zone of recipients who named none, as an IANA name.
    public let zone: String
    /// The number of events at which a window closes at once.
    public let maxEvents: Int

    public init(at: TimeOfDay, days: Set<Day>, zone: String = "UTC", maxEvents: Int = WindowPolicy().maxEvents) {
        self.at = at
        self.days = days
        self.zone = zone
        self.maxEvents = maxEvents
    }

    /// The same schedule with another default zone or another maximum of events.
    public func with(zone: String? = nil, maxEvents: Int? = nil) -> DeliverySchedule {
        DeliverySchedule(at: at, days: days, zone: zone ?? self.zone, maxEvents: maxEvents ?? self.maxEvents)
    }

    /// The first occurrence after `moment`.
    ///
    /// A local time that daylight saving skips is moved later by the skipped time (RFC 5545, section 3.3.5). Of a local
    /// time that exists twice, the first counts.
    ///
    /// - Parameter zone: the recipient's time zone, if set.
    public func next(after moment: Timestamp, in zone: String?) -> Timestamp {
        let zone = zone.flatMap { TimeZone(identifier: $0) } ?? TimeZone(identifier: self.zone) ?? .gmt
        let start = moment.microseconds.dividedDown(by: 1_000_000)
        let today = (start + zone.offset(at: start)).dividedDown(by: Self.day)
        // A week and a day, and one more if the first is before `moment` only because the clocks change.
        for date in today - 1...today + 9 {
            // The epoch was a Thursday.
            let weekday = Int((date + 4) - (date + 4).dividedDown(by: 7) * 7)
            guard days.contains(Day.allCases[weekday]) else { continue }
            let due = zone.moment(ofLocal: date * Self.day + Int64(at.minutes) * 60)
            if due > moment { return due }
        }
        return moment
    }

    private static let day: Int64 = 86_400
}

extension TimeZone {
    /// The zone's offset from UTC, in seconds, at this many seconds after the epoch.
    fileprivate func offset(at seconds: Int64) -> Int64 {
        Int64(secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    /// The moment at which local clocks show the time that UTC clocks show this many seconds after the epoch.
    fileprivate func moment(ofLocal local: Int64) -> Timestamp {
        let offsets = [local - 86_400, local + 86_400].map(offset)
        let existing = offsets.filter { offset(at: local - $0) == $0 }.map { local - $0 }.min()
        return Timestamp(microseconds: (existing ?? local - offsets[0]).multipliedClamped(by: 1_000_000))
    }
}

extension Int64 {
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
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
