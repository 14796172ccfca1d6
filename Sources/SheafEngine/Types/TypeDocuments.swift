public import SheafCore

/// All types, as returned by `GET /v1/types`.
public struct TypeListDocument: Encodable, Sendable {
    /// The revision of the declared types; `nil` if there is none.
    public let revision: Int?
    /// Sorted by code.
    public let items: [TypeDescription]

    private enum CodingKeys: CodingKey { case revision, items }

    public init(revision: Int?, items: [TypeDescription]) {
        self.revision = revision
        self.items = items
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(revision, forKey: .revision)
        try container.encode(items, forKey: .items)
    }
}

/// A type as shown to people.
public struct TypeDescription: Encodable, Sendable {
    public struct Field: Encodable, Hashable, Sendable {
        public let name: String
        /// As written in files, without the `?`.
        public let type: String
        public let optional: Bool?

        public init(name: String, type: String, optional: Bool?) {
            self.name = name
            self.type = type
            self.optional = optional
        }
    }

    /// Which events are taken back.
    public struct Retracts: Encodable, Hashable, Sendable {
        public let type: String
        /// The fields in which they are the same.
        public let by: [String]

        public init(type: String, by: [String]) {
            self.type = type
            self.by = by
        }
    }

    /// For whom and when an example is composed, as previews take it.
    public struct Example: Encodable, Hashable, Sendable {
        public let name: String
        public let locale: String?
        public let timeZone: String?
        public let now: Timestamp
        /// The JSON text of what the type's service would answer.
        public let enrich: String?

        private enum CodingKeys: String, CodingKey {
            case name, locale
            case timeZone = "time_zone"
            case now, enrich
        }

        public init(name: String, locale: String?, timeZone: String?, now: Timestamp, enrich: String?) {
            self.name = name
            self.locale = locale
            self.timeZone = timeZone
            self.now = now
            self.enrich = enrich
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encodeIfPresent(locale, forKey: .locale)
            try container.encodeIfPresent(timeZone, forKey: .timeZone)
            try container.encode(now, forKey: .now)
            try container.encodeIfPresent(enrich.map(RawJSON.init(text:)), forKey: .enrich)
        }
    }

    /// When its events are notified.
    public struct Delivery: Encodable, Hashable, Sendable {
        /// `immediate`, `tumbling`, `sliding`, `leading`, or `at` for a time of day.
        public var mode: String
        public var window: String?
        public var maxWait: String?
        public var maxEvents: Int?
        /// The time of day.
        public var at: String?
        public var days: [String]?

        private enum CodingKeys: String, CodingKey {
            case mode, window
            case maxWait = "max_wait"
            case maxEvents = "max_events"
            case at, days
        }

        public init(_ policy: DeliveryPolicy) {
            switch policy {
            case .immediate: mode = "immediate"
            case .debounced(let window):
                mode = window.mode.rawValue
                self.window = window.length.text
                maxWait = window.mode == .sliding ? window.maxWait.text : nil
                maxEvents = window.maxEvents
            case .scheduled(let schedule):
                mode = "at"
                at = schedule.at.text
                days = DeliverySchedule.Day.allCases.filter(schedule.days.contains).map(\.rawValue)
                maxEvents = schedule.maxEvents
            }
        }
    }

    public var name: String
    public var code: EventTypeCode?
    /// Whether it is built in rather than declared in a file.
    public var isBuiltIn = false
    public var topic: String?
    public var category: String
    public var importance: String
    public var fields: [Field]
    /// The fields that divide a recipient's events into windows; `nil` if code does this.
    public var key: [String]?
    public var delivery: Delivery
    /// The tags of the languages in which it has texts.
    public var languages: [String]
    /// Whether it accepts no new events.
    public var isRetired = false
    /// The condition for events, as written in the file.
    public var condition: String?
    /// The field whose distinct values are counted instead of events.
    public var distinct: String?
    /// What the service that it asks returns.
    public var returns: [Field]?
    /// The texts as written in files, by language and name; `nil` if code has them.
    public var texts: [String: [String: String]]?
    /// Which events its own take back.
    public var retracts: Retracts?
    /// The JSON texts of events to try it with.
    public var sample: [String]?
    /// What else the example says that they are from.
    public var example: Example?

    private enum CodingKeys: String, CodingKey {
        case name, code
        case isBuiltIn = "built_in"
        case topic, category, importance, fields, key, delivery, languages
        case isRetired = "retired"
        case condition = "when"
        case distinct, returns, retracts, texts, sample, example
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(code, forKey: .code)
        try container.encode(isBuiltIn, forKey: .isBuiltIn)
        try container.encodeIfPresent(topic, forKey: .topic)
        try container.encode(category, forKey: .category)
        try container.encode(importance, forKey: .importance)
        try container.encode(fields, forKey: .fields)
        try container.encodeIfPresent(key, forKey: .key)
        try container.encode(delivery, forKey: .delivery)
        try container.encode(languages, forKey: .languages)
        try container.encode(isRetired, forKey: .isRetired)
        try container.encodeIfPresent(condition, forKey: .condition)
        try container.encodeIfPresent(distinct, forKey: .distinct)
        try container.encodeIfPresent(returns, forKey: .returns)
        try container.encodeIfPresent(retracts, forKey: .retracts)
        try container.encodeIfPresent(texts, forKey: .texts)
        try container.encodeIfPresent(sample?.map(RawJSON.init(text:)), forKey: .sample)
        try container.encodeIfPresent(example, forKey: .example)
    }

    public init(
        name: String, topic: String?, category: String, importance: String, fields: [Field], key: [String]?,
        delivery: Delivery, languages: [String], isRetired: Bool = false
    ) {
        self.name = name
        self.topic = topic
        self.category = category
        self.importance = importance
        self.fields = fields
        self.key = key
        self.delivery = delivery
        self.languages = languages
        self.isRetired = isRetired
    }

    /// A built-in type.
    init(_ type: EventType, languages: [String]) {
        self.init(
            name: type.name, topic: type.topic, category: "general", importance: "normal",
            fields: type.fields.map { Field(name: $0.name, type: $0.kind.word, optional: nil) }, key: nil,
            delivery: Delivery(type.delivery), languages: languages)
        code = type.code
        isBuiltIn = true
    }
}

extension PayloadField.Kind {
    /// As files of declared types write it.
    fileprivate var word: String {
        switch self {
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .boolean: "boolean"
        case .time: "time"
        case .json: "any"
        }
    }
}

/// What applying a set has changed.
public struct AppliedTypesDocument: Encodable, Hashable, Sendable {
    /// The current revision.
    public let revision: Int
    /// Whether the set was stored just now; `false` if it was current already.
    public let isNew: Bool
    public let added: [String]
    public let changed: [String]
    public let removed: [String]

    private enum CodingKeys: String, CodingKey {
        case revision
        case isNew = "stored"
        case added, changed, removed
    }

    public init(revision: Int, isNew: Bool, added: [String] = [], changed: [String] = [], removed: [String] = []) {
        self.revision = revision
        self.isNew = isNew
        self.added = added
        self.changed = changed
        self.removed = removed
    }
}

/// A revision in the list of `sheaf types history`.
public struct TypeRevisionDocument: Encodable, Hashable, Sendable {
    public let revision: Int
    public let storedAt: String
    public let broughtBack: Int?

    private enum CodingKeys: String, CodingKey {
        case revision
        case storedAt = "stored_at"
        case broughtBack = "brought_back"
    }

    init(_ entry: TypeRevisionEntry) {
        revision = entry.number
        storedAt = entry.storedAt.description
        broughtBack = entry.broughtBack
    }
}
