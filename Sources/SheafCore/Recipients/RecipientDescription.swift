/// A recipient's settings; for those that are `nil` the configured defaults apply.
public struct RecipientDescription: Hashable, Sendable {
    /// The language of texts, as a tag.
    public var locale: String?
    /// The zone of local times, as an IANA name.
    public var timeZone: String?

    public init(locale: String? = nil, timeZone: String? = nil) {
        self.locale = locale
        self.timeZone = timeZone
    }

    /// Whether there are no settings.
    public var isEmpty: Bool { self == RecipientDescription() }

    /// These settings, with `defaults` for those that are missing.
    public func completed(by defaults: RecipientDescription) -> RecipientDescription {
        RecipientDescription(locale: locale ?? defaults.locale, timeZone: timeZone ?? defaults.timeZone)
    }
}

/// A change of some of a recipient's settings; the others stay as they are.
public struct RecipientChange: Hashable, Sendable {
    public enum Member: Hashable, Sendable {
        case kept
        case set(String)
        case unset

        /// The member's new value.
        public func applied(to value: String?) -> String? {
            switch self {
            case .kept: value
            case .set(let value): value
            case .unset: nil
            }
        }
    }

    public var locale: Member
    public var timeZone: Member

    public init(locale: Member = .kept, timeZone: Member = .kept) {
        self.locale = locale
        self.timeZone = timeZone
    }

    public func applied(to description: RecipientDescription) -> RecipientDescription {
        RecipientDescription(
            locale: locale.applied(to: description.locale), timeZone: timeZone.applied(to: description.timeZone))
    }
}
