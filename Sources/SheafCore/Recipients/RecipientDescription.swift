/// What was said about a recipient; what was not is `nil`, and the configuration says it.
public struct RecipientDescription: Hashable, Sendable {
    /// The language of texts, as a tag.
    public var locale: String?
    /// The zone of local times, as an IANA name.
    public var timeZone: String?

    public init(locale: String? = nil, timeZone: String? = nil) {
        self.locale = locale
        self.timeZone = timeZone
    }

    /// Whether nothing was said.
    public var isEmpty: Bool { self == RecipientDescription() }

    /// The same with what `defaults` say of what was not said.
    public func completed(by defaults: RecipientDescription) -> RecipientDescription {
        RecipientDescription(locale: locale ?? defaults.locale, timeZone: timeZone ?? defaults.timeZone)
    }
}

/// A change of what was said about a recipient, which leaves the rest as it is.
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
