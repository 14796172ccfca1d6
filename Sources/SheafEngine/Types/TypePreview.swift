public import SheafCore

/// The notification that some events of a type would give in one window.
public struct TypePreview: Hashable, Sendable {
    /// An event that the notification would leave out, by its index among the given events.
    public struct LeftOut: Encodable, Hashable, Sendable {
        public let event: Int
        public let reason: String

        public init(event: Int, reason: String) {
            self.event = event
            self.reason = reason
        }
    }

    public let composition: Composition
    /// How many events the notification would cover.
    public let events: Int
    public let leftOut: [LeftOut]
    /// How many windows the events would be divided into.
    public let windows: Int
    /// Remarks in plain English.
    public let notes: [String]

    public init(composition: Composition, events: Int, leftOut: [LeftOut] = [], windows: Int = 1, notes: [String] = [])
    {
        self.composition = composition
        self.events = events
        self.leftOut = leftOut
        self.windows = windows
        self.notes = notes
    }
}

/// A preview as the API and the command line show it.
public struct TypePreviewDocument: Encodable, Hashable, Sendable {
    /// The type's name.
    public let type: String
    public let preview: TypePreview
    /// The language of the texts; the requested language if there are none.
    public let locale: String
    public let timeZone: String

    init(type: String, _ preview: TypePreview, locale: String, timeZone: String) {
        self.type = type
        self.preview = preview
        self.locale = preview.content?.locale ?? locale
        self.timeZone = timeZone
    }

    private enum CodingKeys: String, CodingKey {
        case type, locale, suppressed, url, category, importance, windows, notes
        case timeZone = "time_zone"
        case listTitle = "list_title"
        case listDescription = "list_description"
        case fullTitle = "full_title"
        case fullText = "full_text"
        case eventCount = "event_count"
        case leftOut = "left_out"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(locale, forKey: .locale)
        try container.encode(timeZone, forKey: .timeZone)
        switch preview.composition {
        case .suppressed(let reason): try container.encode(reason, forKey: .suppressed)
        case .notification(let content):
            try container.encode(content.listTitle, forKey: .listTitle)
            try container.encode(content.listDescription, forKey: .listDescription)
            try container.encode(content.fullTitle, forKey: .fullTitle)
            try container.encode(content.fullText, forKey: .fullText)
            try container.encodeIfPresent(content.url, forKey: .url)
            try container.encode(content.category, forKey: .category)
            try container.encode(content.importance, forKey: .importance)
        }
        try container.encode(preview.events, forKey: .eventCount)
        try container.encode(preview.windows, forKey: .windows)
        try container.encode(preview.leftOut, forKey: .leftOut)
        try container.encode(preview.notes, forKey: .notes)
    }
}

extension TypePreview {
    /// The content; `nil` if there would be no notification.
    public var content: NotificationContent? {
        if case .notification(let content) = composition { content } else { nil }
    }
}
