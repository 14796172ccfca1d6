/// The members of an event as they are read, with the first complaint about them.
///
/// A member of the wrong form spoils its own event only, so it is noted here and reading goes on; text that is no JSON
/// at all spoils the whole body and is thrown by the scanner.
struct EventFields {
    var source: String?
    var id: String?
    var type: String?
    var recipient: RecipientID?
    var occurredAt: Timestamp?
    var data: String?
    var traceParent: String?
    /// `recipient_id` or `seller_id` found within `data`.
    private(set) var embeddedRecipient: RecipientID?
    /// `event_id` found within `data`.
    private(set) var embeddedID: String?
    private var complaint: SheafError?

    // MARK: Reading

    /// Whether an object follows; anything else is refused as a whole event.
    mutating func beginObject(
        _ scanner: inout JSONScanner, into entry: inout EventReader.Entry
    ) throws(JSONError) -> Bool {
        let kind = try scanner.nextKind()
        guard kind != .object else { return true }
        _ = try scanner.skipValue()
        entry = .failure(SheafError(.invalid, "an event is an object, not \(kind.rawValue)"))
        return false
    }

    mutating func refuse(_ name: String, _ message: String, after _: Range<Int>? = nil) {
        complaint = complaint ?? SheafError(.invalid, field: String(name.prefix(100)), message)
    }

    mutating func string(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> String? {
        switch try scanner.nextKind() {
        case .string: return try scanner.string()
        case .null: try scanner.literal("null")
        case let kind: refuse(name, "expected a string, not \(kind.rawValue)", after: try scanner.skipValue())
        }
        return nil
    }

    mutating func integer(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Int64? {
        let kind = try scanner.nextKind()
        guard kind == .number else {
            refuse(name, "expected a whole number, not \(kind.rawValue)", after: try scanner.skipValue())
            return nil
        }
        guard let value = Int64(try scanner.number()) else {
            refuse(name, "expected a whole number of 64 bits")
            return nil
        }
        return value
    }

    mutating func time(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Timestamp? {
        guard let text = try string(name, &scanner) else { return nil }
        return readTime(name, text)
    }

    @discardableResult
    mutating func readTime(_ name: String, _ text: String) -> Timestamp? {
        occurredAt = Timestamp(text)
        if occurredAt == nil { refuse(name, "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)") }
        return occurredAt
    }

    /// Reads an object, keeps its text, and notes the members that can say who the event is for.
    mutating func object(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> String? {
        let kind = try scanner.nextKind()
        guard kind == .object else {
            refuse(name, "expected an object, not \(kind.rawValue)", after: try scanner.skipValue())
            return nil
        }
        let start = scanner.position
        var seller: RecipientID?
        try scanner.object { scanner, member throws(JSONError) in
            switch member {
            case "recipient_id" where try scanner.nextKind() == .number:
                embeddedRecipient = Int64(try scanner.number())
            case "seller_id" where try scanner.nextKind() == .number: seller = Int64(try scanner.number())
            case "event_id" where try scanner.nextKind() == .string: embeddedID = try scanner.string()
            default: _ = try scanner.skipValue()
            }
        }
        embeddedRecipient = embeddedRecipient ?? seller
        return scanner.text(start..<scanner.position)
    }

    // MARK: Events

    /// The event in Sheaf's own form, or the first complaint.
    func event(source: String) -> EventReader.Entry {
        if let complaint { return .failure(complaint) }
        guard let type else { return missing("type") }
        guard let recipient else { return missing("recipient_id") }
        guard let data else { return missing("data") }
        if let id, let fault = Self.fault(inID: id) { return .failure(fault) }
        return .success(
            IncomingEvent(
                source: source, producerID: id, type: type, recipient: recipient, occurredAt: occurredAt, data: data,
                traceParent: traceParent))
    }

    /// The event a CloudEvent speaks of, or the first complaint.
    func cloudEvent(version: String?) -> EventReader.Entry {
        if let complaint { return .failure(complaint) }
        guard version == "1.0" else {
            return .failure(SheafError(.invalid, field: "specversion", "expected \"1.0\""))
        }
        guard id != nil else { return missing("id") }
        guard let source, !source.isEmpty else { return missing("source") }
        guard data != nil else { return missing("data") }
        guard embeddedRecipient != nil else {
            return .failure(
                SheafError(.invalid, field: "data.recipient_id", "is missing; expected recipient_id or seller_id"))
        }
        var fields = self
        fields.recipient = embeddedRecipient
        return fields.event(source: source)
    }

    private func missing(_ name: String) -> EventReader.Entry {
        .failure(SheafError(.invalid, field: name, "is missing"))
    }

    private static func fault(inID id: String) -> SheafError? {
        guard !id.isEmpty else { return SheafError(.invalid, field: "id", "is empty") }
        guard id.unicodeScalars.count <= IncomingEvent.maximumIDLength else {
            return SheafError(.invalid, field: "id", "has more than \(IncomingEvent.maximumIDLength) characters")
        }
        return nil
    }
}
