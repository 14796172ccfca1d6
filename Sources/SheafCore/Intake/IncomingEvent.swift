/// An event as a producer sent it, read but not yet checked against the catalog.
public struct IncomingEvent: Hashable, Sendable {
    /// The maximum characters of a producer's id.
    public static let maximumIDLength = 200
    /// The maximum characters of a CloudEvent's source. Source and id together are a key of the store, for which
    /// PostgreSQL allows 2,704 bytes.
    public static let maximumSourceLength = 400

    public var source: String
    public var producerID: String?
    public var type: String
    public var recipient: RecipientID
    public var occurredAt: Timestamp?
    /// The JSON text of `data`.
    public var data: String
    /// The values of the fields that its type declares; `nil` if the type was not yet known when `data` was read.
    var values: PayloadValues?
    /// The trace of the event, as ``TraceContext`` writes it.
    public var traceParent: String?

    public init(
        source: String, producerID: String? = nil, type: String, recipient: RecipientID, occurredAt: Timestamp? = nil,
        data: String, traceParent: String? = nil
    ) {
        self.source = source
        self.producerID = producerID
        self.type = type
        self.recipient = recipient
        self.occurredAt = occurredAt
        self.data = data
        self.traceParent = traceParent
    }

    /// The event with `trace`, in the form of ``TraceContext``, unless it has a trace of its own.
    public func joined(to trace: String) -> IncomingEvent {
        var event = self
        event.traceParent = traceParent ?? trace
        return event
    }
}

/// The members of an event as they are read, with the first error.
///
/// A member of the wrong form spoils only its own event, so it is recorded here and reading goes on. Invalid JSON
/// spoils the whole body, and the scanner throws. A member that is `null` counts as missing.
struct EventFields {
    var source: String?
    var id: String?
    var type: String?
    var recipient: RecipientID?
    var occurredAt: Timestamp?
    var data: String?
    var traceParent: String?
    var traceState: String?
    /// The declared values of `data`, if `type` came before `data`.
    private var values: PayloadValues?
    private let catalog: EventCatalog?
    private var complaint: SheafError?

    // The recipient, id and time that `data` names. Sheaf's own form ignores them, so there an invalid one is no error.
    private var recipientInData: Member<RecipientID>?
    private var sellerInData: Member<RecipientID>?
    private var idInData: Member<String>?

    /// A member that was read, or its error.
    private typealias Member<Value> = Result<Value, SheafError>

    /// - Parameter catalog: the types whose fields are read from `data`.
    init(_ catalog: EventCatalog?) { self.catalog = catalog }
}

// MARK: - Reading

extension EventFields {
    /// Reads a member of an event in Sheaf's own form.
    mutating func member(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) {
        switch name {
        case "id": id = try string("id", &scanner)
        case "type": type = try string("type", &scanner)
        case "recipient_id": recipient = try integer("recipient_id", &scanner)
        case "occurred_at": occurredAt = try time("occurred_at", &scanner)
        case "data": data = try object("data", &scanner)
        default: try scanner.skipValue()
        }
    }

    /// Whether an object follows; anything else refuses the whole event.
    mutating func beginObject(
        _ scanner: inout JSONScanner, into entry: inout EventReader.Entry
    ) throws(JSONError) -> Bool {
        let kind = try scanner.nextKind()
        guard kind != .object else { return true }
        try scanner.skipValue()
        entry = .failure(SheafError(.invalid, "an event is an object, not \(kind.rawValue)"))
        return false
    }

    mutating func string(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> String? {
        take(try Self.string(name, &scanner))
    }

    private mutating func integer(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Int64? {
        take(try Self.integer(name, &scanner))
    }

    mutating func time(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Timestamp? {
        guard let text = try string(name, &scanner) else { return nil }
        return time(name, text)
    }

    mutating func time(_ name: String, _ text: String) -> Timestamp? {
        guard let time = Timestamp(text) else {
            return take(.failure(Self.fault(name, "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)")))
        }
        return time
    }

    /// Reads `data`, keeps its text, and collects the fields of its type and the members that may name the recipient
    /// and the event.
    mutating func object(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> String? {
        switch try scanner.nextKind() {
        case .object: break
        case .null:
            try scanner.literal("null")
            return nil
        case let kind:
            try scanner.skipValue()
            return take(.failure(Self.fault(name, "expected an object, not \(kind.rawValue)")))
        }
        let known = type.flatMap { catalog?.type(of: $0) }
        var payload = PayloadReader(known?.fields ?? [])
        let start = scanner.position
        try scanner.object { scanner, member throws(JSONError) in
            let value = scanner.position
            switch member {
            case "recipient_id": recipientInData = try Self.integer("\(name).recipient_id", &scanner)
            case "seller_id": sellerInData = try Self.integer("\(name).seller_id", &scanner)
            case "event_id": idInData = try Self.string("\(name).event_id", &scanner)
            default:
                try payload.member(member, &scanner)
                return
            }
            // If the type declares this member too, it is read as the type declares it.
            guard payload.isDeclared(member) else { return }
            scanner.position = value
            try payload.member(member, &scanner)
        }
        values = known.map { _ in payload.values }
        return scanner.text(start..<scanner.position)
    }

    private static func string(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Member<String>? {
        switch try scanner.nextKind() {
        case .string: return .success(try scanner.string())
        case .null:
            try scanner.literal("null")
            return nil
        case let kind:
            try scanner.skipValue()
            return .failure(fault(name, "expected a string, not \(kind.rawValue)"))
        }
    }

    private static func integer(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) -> Member<Int64>? {
        switch try scanner.integer() {
        case .value(let value): .success(value)
        case .unfit: .failure(fault(name, "expected a whole number of 64 bits"))
        case .other(.null): nil
        case .other(let kind): .failure(fault(name, "expected a whole number, not \(kind.rawValue)"))
        }
    }

    mutating func refuse(_ name: String, _ message: String) { complaint = complaint ?? Self.fault(name, message) }

    /// The member's value, or `nil` after recording its error.
    private mutating func take<Value>(_ member: Member<Value>?) -> Value? {
        switch member {
        case .success(let value): return value
        case .failure(let fault): complaint = complaint ?? fault
        case nil: break
        }
        return nil
    }

    private static func fault(_ name: String, _ message: String) -> SheafError {
        SheafError(.invalid, field: name, message)
    }
}

// MARK: - Events

extension EventFields {
    /// The event in Sheaf's own form, or the first error.
    func event(source: String, idField: String = "id") -> EventReader.Entry {
        checked(source: source, idField: idField).mapError { $0.of(event: id) }
    }

    private func checked(source: String, idField: String) -> EventReader.Entry {
        if let complaint { return .failure(complaint) }
        guard let type else { return missing("type") }
        guard let recipient else { return missing("recipient_id") }
        guard let data else { return missing("data") }
        if let id, let fault = Self.fault(idField, id, limit: IncomingEvent.maximumIDLength) { return .failure(fault) }
        var event = IncomingEvent(
            source: source, producerID: id, type: type, recipient: recipient, occurredAt: occurredAt, data: data,
            traceParent: traceParent.flatMap { TraceContext(parent: $0, state: traceState)?.description })
        event.values = values
        return .success(event)
    }

    /// The event of a CloudEvent, or the first error.
    func cloudEvent(version: String?) -> EventReader.Entry {
        checkedCloudEvent(version: version).mapError { $0.of(event: id) }
    }

    private func checkedCloudEvent(version: String?) -> EventReader.Entry {
        if let complaint { return .failure(complaint) }
        guard version == "1.0" else { return .failure(Self.fault("specversion", "expected \"1.0\"")) }
        guard id != nil else { return missing("id") }
        guard let source else { return missing("source") }
        if let fault = Self.fault("source", source, limit: IncomingEvent.maximumSourceLength) { return .failure(fault) }
        guard data != nil else { return missing("data") }
        var fields = self
        fields.recipient = fields.take(recipientInData ?? sellerInData)
        guard fields.recipient != nil || fields.complaint != nil else {
            return .failure(Self.fault("data.recipient_id", "is missing; expected recipient_id or seller_id"))
        }
        return fields.event(source: source)
    }

    /// The event in a message of a business topic, or the first error.
    /// - Parameter position: the producer id of a message that has none.
    func topicMessage(topic: String, position: String) -> EventReader.Entry {
        var fields = self
        let prefersRecipientID = catalog?.type(topic: topic)?.prefersRecipientID ?? false
        fields.recipient = fields.take(prefersRecipientID ? recipientInData ?? sellerInData : sellerInData)
        fields.id = fields.take(idInData) ?? position
        if fields.complaint == nil {
            guard data != nil else { return missing("data") }
            guard fields.recipient != nil else {
                guard prefersRecipientID else { return missing("data.seller_id") }
                return .failure(Self.fault("data.recipient_id", "is missing; expected recipient_id or seller_id"))
            }
        }
        return fields.event(source: topic, idField: "data.event_id")
    }

    private func missing(_ name: String) -> EventReader.Entry { .failure(Self.fault(name, "is missing")) }

    private static func fault(_ name: String, _ text: String, limit: Int) -> SheafError? {
        guard !text.isEmpty else { return fault(name, "is empty") }
        guard text.utf8.count <= limit || text.unicodeScalars.count <= limit else {
            return fault(name, "has more than \(limit) characters")
        }
        return nil
    }
}
