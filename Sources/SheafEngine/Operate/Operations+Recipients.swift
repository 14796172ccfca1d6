public import SheafCore

extension Operations {
    /// The recipient's stored settings, and the settings in effect with the configured defaults.
    public func recipient(_ recipient: RecipientID) async throws -> RecipientDocument {
        RecipientDocument(recipient, try await store.settings(of: [recipient])[recipient], defaults)
    }

    /// Changes the recipient's settings.
    /// - Throws: ``SheafError`` `invalid` with the field, for an unknown language or time zone.
    public func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDocument {
        var change = change
        if case .set(let tag) = change.locale { change.locale = .set(try LanguageName.checked(tag)) }
        if case .set(let zone) = change.timeZone { change.timeZone = .set(try ZoneName.checked(zone)) }
        return RecipientDocument(recipient, try await store.describe(recipient, change), defaults)
    }
}

/// A recipient's settings as the API shows them.
public struct RecipientDocument: Encodable, Sendable {
    private let recipient: RecipientID
    /// Whether any settings of the recipient are stored.
    public let isDescribed: Bool
    /// The settings in effect: stored, or else configured.
    public let effective: RecipientDescription

    init(_ recipient: RecipientID, _ description: RecipientDescription?, _ defaults: RecipientDescription) {
        let description = description ?? RecipientDescription()
        self.recipient = recipient
        isDescribed = !description.isEmpty
        effective = description.completed(by: defaults)
    }

    private enum CodingKeys: String, CodingKey {
        case recipient = "recipient_id"
        case isDescribed = "described"
        case locale
        case timeZone = "time_zone"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(recipient, forKey: .recipient)
        try container.encode(isDescribed, forKey: .isDescribed)
        try container.encode(effective.locale, forKey: .locale)
        try container.encode(effective.timeZone, forKey: .timeZone)
    }
}
