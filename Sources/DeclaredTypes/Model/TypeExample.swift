public import Foundation
public import MessageFormat
public import SheafCore

/// An example in a type's file: events, and the expected notifications.
public struct TypeExample: Sendable {
    /// An event of the example.
    struct Event: Sendable {
        /// How long after the previous event it comes.
        let after: Duration
        /// The JSON text of its `data`.
        let data: String
        let position: SourcePosition
    }

    /// The expected outcome of the events.
    enum Expectation: Sendable {
        /// Notifications, in this order.
        case notifications([ExpectedNotification])
        /// None, since all events are suppressed with this reason.
        case suppressed(SourceText)
    }

    /// The expected values of one notification; those that are not named may be anything.
    struct ExpectedNotification: Sendable {
        let texts: [TypeTexts.Part: SourceText]
        let at: (moment: Timestamp, position: SourcePosition)?
        let position: SourcePosition
    }

    public let name: String
    public let language: LanguageTag?
    public let timeZone: TimeZone?
    /// When the first event comes.
    public let now: Timestamp
    /// Whether it has recipients' settings.
    public let hasSettings: Bool
    let events: [Event]
    let answer: EnrichAnswer?
    /// Where the answer stands.
    let answerPosition: SourcePosition
    let expectation: Expectation
    let position: SourcePosition

    /// The JSON texts of the events' `data`.
    public var payloads: [String] { events.map(\.data) }

    /// The JSON text of what the type's service would answer, as previews take it.
    public var answerJSON: String? { answer?.json }

    /// The moment of the first event of an example that names none: 2026-01-05T12:00:00Z, a Monday.
    static let usualNow = Timestamp(milliseconds: 1_767_614_400_000)
    /// The maximum examples of a type, and the maximum events of an example.
    static let most = 1000

    /// The members of an example in a file.
    static let members = [
        "name", "locale", "time_zone", "now", "settings", "events", "enrich", "expect",
    ]
    static let eventMembers = ["after", "data"]
    static let expectationMembers =
        TypeTexts.Part.allCases.filter { $0 != .line }.map(\.rawValue) + ["at", "suppressed"]
    static let settingMembers = ["locale", "time_zone", "quiet_hours", "daily_at", "preferences"]
}
