/// The rule by which a window closes. It stays as it was when the window opened, even if its type changes.
public enum ClosingRule: Hashable, Sendable {
    case policy(WindowPolicy)
    case schedule(DeliverySchedule)

    /// The number of events at which the window closes at once.
    public var maxEvents: Int {
        switch self {
        case .policy(let policy): policy.maxEvents
        case .schedule(let schedule): schedule.maxEvents
        }
    }

    /// The schedule, if the window closes at a time of day.
    public var schedule: DeliverySchedule? {
        if case .schedule(let schedule) = self { schedule } else { nil }
    }
}

// MARK: - Stored form

extension ClosingRule {
    /// The prefix of a schedule's text.
    public static let scheduleMark = "at "

    /// The form in which it is stored with its window.
    public var text: String {
        switch self {
        case .policy(let policy):
            "\(policy.mode.rawValue) \(policy.length.microseconds) \(policy.maxWait.microseconds) \(policy.maxEvents)"
        case .schedule(let schedule):
            Self.scheduleMark + schedule.at.text
                + " \(DeliverySchedule.Day.allCases.filter(schedule.days.contains).map(\.rawValue).joined(separator: ","))"
                + " \(schedule.maxEvents) \(schedule.zone)"
        }
    }

    /// Reads the stored form; `nil` if `text` is none.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if words.count == 5, text.hasPrefix(Self.scheduleMark) {
            let days = words[2].split(separator: ",").compactMap { DeliverySchedule.Day(rawValue: String($0)) }
            guard let at = TimeOfDay(words[1]), !days.isEmpty, let maxEvents = Int(words[3]) else { return nil }
            self = .schedule(DeliverySchedule(at: at, days: Set(days), zone: words[4], maxEvents: maxEvents))
            return
        }
        guard words.count == 4, let mode = WindowPolicy.Mode(rawValue: words[0]), let length = Int64(words[1]),
            let maxWait = Int64(words[2]), let maxEvents = Int(words[3])
        else { return nil }
        self = .policy(
            WindowPolicy(
                mode: mode, length: .microseconds(length), maxWait: .microseconds(maxWait), maxEvents: maxEvents))
    }
}
