/// By which rule a window closes; it stays what it was when the window opened, whatever becomes of its type.
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

    /// The schedule, if it closes at a time of day.
    public var schedule: DeliverySchedule? {
        if case .schedule(let schedule) = self { schedule } else { nil }
    }
}

// MARK: - As it is stored

extension ClosingRule {
    /// What a schedule's text begins with.
    public static let scheduleMark = "at "

    /// The form in which it is stored beside its window.
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

    /// The rule that a text stands for; `nil` if it stands for none.
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
