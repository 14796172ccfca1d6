public import SheafCore

/// A category of notifications, for which recipients can have preferences.
public struct Category: Hashable, Sendable {
    /// The category that always exists, and holds the types that name none.
    public static let general = Category(name: "general")

    public let name: String
    /// What recipients read, by language tag; those of `general` read the name if nothing is declared.
    public let titles: [String: String]
    public let descriptions: [String: String]
    /// Whether recipients may turn it off.
    public let isOptional: Bool
    public let cap: Cap?
    /// The longest time that a cap holds a window back.
    public let maxWait: Duration?
    public let quietHours: QuietHours?
    /// The category's former names.
    public let formerNames: [String]

    public init(
        name: String, titles: [String: String] = [:], descriptions: [String: String] = [:], isOptional: Bool = true,
        cap: Cap? = nil, maxWait: Duration? = nil, quietHours: QuietHours? = nil, formerNames: [String] = []
    ) {
        self.name = name
        self.titles = titles
        self.descriptions = descriptions
        self.isOptional = isOptional
        self.cap = cap
        self.maxWait = maxWait
        self.quietHours = quietHours
        self.formerNames = formerNames
    }
}

/// The maximum number of notifications in any period of this length.
public struct Cap: Hashable, Sendable {
    public let count: Int
    public let period: Duration

    /// `3/1d`
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(parts[0]),
            count > 0, let period = Duration(text: String(parts[1])), period >= .milliseconds(1)
        else { return nil }
        self.count = count
        self.period = period
    }
}

/// The hours in which a recipient is not disturbed.
public enum QuietHours: Hashable, Sendable {
    case none
    case between(TimeOfDay, TimeOfDay)

    /// `22:00-08:00`, or `none`.
    public init?(_ text: String) {
        if text == "none" {
            self = .none
            return
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { TimeOfDay(String($0)) }
        guard ends.count == 2, let start = ends[0], let end = ends[1], start != end else { return nil }
        self = .between(start, end)
    }
}
