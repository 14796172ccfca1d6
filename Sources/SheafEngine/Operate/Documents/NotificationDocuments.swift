public import SheafCore

/// A page of a recipient's notifications.
public struct FeedDocument: Encodable, Sendable {
    public let items: [NotificationDocument]
    /// The cursor of the next page; `nil` on the last.
    public let next: String?
    /// How many of the recipient's notifications are unread.
    public let unread: Int

    private enum CodingKeys: CodingKey { case items, next, unread }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next, forKey: .next)
        try container.encode(unread, forKey: .unread)
    }
}

/// A notification with its events and its delivery attempts.
public struct NotificationDetailDocument: Encodable, Sendable {
    public let notification: NotificationDocument
    /// The ids of its events, as clients use them.
    public let events: [String]
    /// The attempts at delivering it, oldest first.
    public let attempts: [DeliveryAttempt]

    private enum CodingKeys: String, CodingKey {
        case events = "event_ids"
        case attempts
    }

    public func encode(to encoder: any Encoder) throws {
        // Both encode into the same JSON object.
        try notification.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(events, forKey: .events)
        try container.encode(attempts.map(AttemptDocument.init), forKey: .attempts)
    }
}

/// One attempt at delivering a notification.
struct AttemptDocument: Encodable {
    let attempt: DeliveryAttempt

    private enum CodingKeys: String, CodingKey {
        case number, at, outcome, error
        case httpStatus = "http_status"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(attempt.number, forKey: .number)
        try container.encode(attempt.at, forKey: .at)
        try container.encode(attempt.outcome.rawValue, forKey: .outcome)
        try container.encode(attempt.httpStatus, forKey: .httpStatus)
        try container.encode(attempt.error, forKey: .error)
    }
}
