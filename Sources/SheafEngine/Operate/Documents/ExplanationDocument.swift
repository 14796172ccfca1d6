public import SheafCore

/// What would happen to an event, as the API and the command line show it.
public struct ExplanationDocument: Encodable, Sendable {
    /// A window that takes events now.
    public struct Window: Encodable, Hashable, Sendable {
        public let openedAt: Timestamp
        public let closesAt: Timestamp
        public let events: Int

        private enum CodingKeys: String, CodingKey {
            case openedAt = "opened_at"
            case closesAt = "closes_at"
            case events
        }
    }

    public let event: Event
    /// The event type's name.
    public let type: String
    public let delivery: DeliveryPolicy
    /// The key of its window; `nil` if it is notified by itself or suppressed.
    public let window: String?
    /// The window that takes events of its key now; `nil` if there is none.
    public let open: Window?
    /// The type whose events it would retract.
    public let retracts: String?
    /// The fields in which those events are the same.
    public let retractedBy: [String]
    public let recipient: RecipientDocument
    /// The notification of this event alone; `nil` if there would be none.
    public let notification: TypePreviewDocument?
    private let fate: EventFate

    init(
        event: Event, type: String, fate: EventFate, delivery: DeliveryPolicy, window: String?, open: LiveWindow?,
        retracts: (type: String, fields: [String])?, recipient: RecipientDocument, notification: TypePreviewDocument?
    ) {
        self.event = event
        self.type = type
        self.fate = fate
        self.delivery = delivery
        self.window = window
        self.open = open.map { Window(openedAt: $0.openedAt, closesAt: $0.closesAt, events: $0.events) }
        self.retracts = retracts?.type
        retractedBy = retracts?.fields ?? []
        self.recipient = recipient
        self.notification = notification
    }

    /// Its outcome: `duplicate`, `suppressed`, `sent_at_once`, `leads`, `opens_window` or `joins_window`.
    public var outcome: String { fate.name }
    /// Why it would be suppressed.
    public var reason: String? { fate.reason }
    /// When the window that it would join or open closes.
    public var closesAt: Timestamp? { fate.closesAt }

    /// Remarks in plain English.
    public var notes: [String] {
        var notes: [String] = []
        if let notification {
            notes.append("the texts are for this event alone, without the others of its window")
            notes += notification.preview.notes
        }
        if let retracts {
            notes.append(
                "it would take back the recipient's live events of \(retracts) that were accepted before it and have the "
                    + "same \(retractedBy.joined(separator: ", ")); which these are was not looked up")
        }
        return notes
    }

    /// How the recipient's settings would affect the notification.
    private struct Policy: Encodable {
        /// `notify` if nothing holds it back.
        let outcome: String
    }

    private enum CodingKeys: String, CodingKey {
        case id, outcome, reason, window, delivery, retracts, recipient, policy, notification, notes
        case open = "open_window"
        case closesAt = "closes_at"
    }

    public func encode(to encoder: any Encoder) throws {
        try event.encodeMembers(to: encoder, type: type)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(event.producerID, forKey: .id)
        try container.encode(outcome, forKey: .outcome)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encode(window, forKey: .window)
        try container.encode(closesAt, forKey: .closesAt)
        try container.encode(open, forKey: .open)
        try container.encode(TypeDescription.Delivery(delivery), forKey: .delivery)
        try container.encodeIfPresent(retracts, forKey: .retracts)
        try container.encode(recipient, forKey: .recipient)
        if notification != nil { try container.encode(Policy(outcome: "notify"), forKey: .policy) }
        try container.encode(notification, forKey: .notification)
        try container.encode(notes, forKey: .notes)
    }
}
