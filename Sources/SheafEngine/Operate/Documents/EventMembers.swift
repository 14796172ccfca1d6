import SheafCore

/// The names of an event's members in the documents, and how those that all documents have are written.
enum EventMember: String, CodingKey {
    case id, type, source, status, reason, window
    case recipient = "recipient_id"
    case occurredAt = "occurred_at"
    case receivedAt = "received_at"
    case notification = "notification_id"
}

extension Event {
    /// Writes the members that every document of an event has; each writes `id` itself.
    /// - Parameter type: the event type's name.
    func encodeMembers(to encoder: any Encoder, type: String) throws {
        var container = encoder.container(keyedBy: EventMember.self)
        try container.encode(type, forKey: .type)
        try container.encode(recipient, forKey: .recipient)
        try container.encode(source, forKey: .source)
        try container.encode(occurredAt, forKey: .occurredAt)
    }
}

extension StoredEvent {
    /// Writes the members that every document of a stored event has.
    /// - Parameters:
    ///   - type: the event type's name.
    ///   - window: the key of the window it waits or waited in.
    func encodeMembers(to encoder: any Encoder, type: String, window: String?) throws {
        try event.encodeMembers(to: encoder, type: type)
        var container = encoder.container(keyedBy: EventMember.self)
        try container.encode(event.publicID, forKey: .id)
        try container.encode(event.receivedAt, forKey: .receivedAt)
        try container.encode(status.name, forKey: .status)
        try container.encode(reason, forKey: .reason)
        try container.encode(window, forKey: .window)
        try container.encode(notificationID, forKey: .notification)
    }
}
