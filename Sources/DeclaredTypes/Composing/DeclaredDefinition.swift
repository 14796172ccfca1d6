internal import CEL
public import SheafCore

/// A declared type as the engine uses it, on the same path as a type in Swift.
struct DeclaredDefinition: EventTypeDefinition {
    /// The maximum length of a key field without a limit of its own.
    static let longestKey = 200

    let fields: [PayloadField]
    let type: TypeDeclaration
    let composer: TextComposer
    let defaults: TextContext
    let enrichment: Enrichment
    private let key: [Int]
    /// The code of the type whose events are retracted; `nil` if none are.
    private let retracted: EventTypeCode?

    /// - Parameters:
    ///   - defaults: the language and zone of texts if the recipient named none.
    ///   - enrichment: how to call the type's service, or its assumed response.
    ///   - retracted: the code of the type whose events are retracted.
    init(
        _ type: TypeDeclaration, _ defaults: TextContext, _ enrichment: Enrichment = .given(nil),
        retracting retracted: EventTypeCode? = nil
    ) {
        self.type = type
        self.defaults = defaults
        self.enrichment = enrichment
        self.retracted = retracted
        fields = type.fields.map { PayloadField($0.name, $0.kind.payload) }
        key = type.key.compactMap { type.index(of: $0) }
        composer = TextComposer(type)
    }

    func classify(_ values: PayloadValues, of event: EventHead) throws(SheafError) -> EventClassification {
        guard !type.isRetired else {
            throw SheafError(.invalid, field: "type", "the type \(type.name) is retired and accepts no new events")
        }
        try check(values)
        let part = try keyPart(values)
        if let condition = type.condition {
            do throws(CELRuntimeError) {
                guard try condition.evaluate({ value(of: $0, values, event) }) else {
                    return EventClassification(keyPart: part, suppression: "not_matching")
                }
            } catch {
                return EventClassification(keyPart: part, suppression: "condition_failed")
            }
        }
        return EventClassification(
            keyPart: part, suppression: type.texts.isEmpty ? "retraction" : nil, retraction: try retraction(values))
    }

    /// What an event retracts. An event that does not meet the type's condition retracts nothing.
    private func retraction(_ values: PayloadValues) throws(SheafError) -> SheafCore.Retraction? {
        guard let retracted, let retraction = type.retraction else { return nil }
        let indices = retraction.fields.compactMap { type.index(of: $0) }
        var scalars: [PayloadScalar?] = []
        for index in indices { scalars.append(try values.optional(at: index)) }
        return SheafCore.Retraction(
            of: retracted, by: indices.map { PayloadField(fields[$0].name, type.fields[$0].kind.compared) }, scalars)
    }

    func check(_ values: PayloadValues) throws(SheafError) {
        for (index, field) in type.fields.enumerated() {
            guard field.isOptional else {
                try check(try values.required(at: index), field)
                continue
            }
            if let value = try values.optional(at: index) { try check(value, field) }
        }
    }

}

// MARK: - Values

extension DeclaredDefinition {
    private func check(_ value: PayloadScalar, _ field: DeclaredField) throws(SheafError) {
        guard case .text(let text) = value else { return }
        switch field.kind {
        case .enumeration(let words):
            guard words.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw complaint(field, "must be one of: \(words.joined(separator: ", "))")
            }
        case .time:
            guard Timestamp(text) != nil else {
                throw complaint(field, "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)")
            }
        default:
            guard let limit = field.maxLength, text.utf8.count > limit, text.unicodeScalars.count > limit else {
                return
            }
            throw complaint(field, "has more than \(limit) characters")
        }
    }

    private func complaint(_ field: DeclaredField, _ message: String) -> SheafError {
        SheafError(.badPayload, field: "data.\(field.name)", message)
    }

    /// The values of the key's fields, joined by colons; colons in values are escaped.
    private func keyPart(_ values: PayloadValues) throws(SheafError) -> String? {
        guard let first = key.first else { return nil }
        var part = try text(values, first)
        for index in key.dropFirst() { part += try ":" + text(values, index) }
        return part
    }

    private func text(_ values: PayloadValues, _ index: Int) throws(SheafError) -> String {
        let field = type.fields[index]
        switch try values.required(at: index) {
        case .integer(let integer): return String(integer)
        case .number(let number): return String(number)
        case .boolean(let boolean): return String(boolean)
        case .text(let text):
            // The same moment in another zone is the same value.
            if field.kind == .time, let moment = Timestamp(text) { return Self.escaped(moment.exactText) }
            guard field.maxLength != nil || text.unicodeScalars.count <= Self.longestKey else {
                throw complaint(field, "has more than \(Self.longestKey) characters")
            }
            return Self.escaped(text)
        }
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%25"
            case ":": result += "%3A"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private func value(of variable: CELVariable, _ values: PayloadValues, _ event: EventHead) -> CELValue? {
        switch variable {
        case .recipientID: return .int(event.recipient)
        case .occurredAt: return CELTimestamp(microseconds: event.occurredAt.microseconds).map { .timestamp($0) }
        case .field(let index):
            switch try? values.optional(at: index) {
            case .integer(let value): return .int(value)
            case .number(let value): return .double(value)
            case .boolean(let value): return .bool(value)
            case .text(let text) where type.fields[index].kind == .time:
                let moment =
                    CELTimestamp(text) ?? Timestamp(text).flatMap { CELTimestamp(microseconds: $0.microseconds) }
                return moment.map { .timestamp($0) }
            case .text(let text): return .string(text)
            case nil: return nil
            }
        }
    }
}

extension Timestamp {
    /// With microseconds, if there are any.
    fileprivate var exactText: String {
        microseconds % 1000 == 0 ? description : "\(description)+\(microseconds % 1000)µs"
    }
}

extension TypeDeclaration {
    /// The type as the engine uses it; `nil` if it calls a service and `services` is missing.
    ///
    /// - Parameters:
    ///   - code: the store's code for the name.
    ///   - codes: the codes of all types by name, to find the type whose events are retracted.
    ///   - defaults: the language and zone of texts if the recipient named none.
    ///   - services: calls the type's service.
    public func eventType(
        code: EventTypeCode, among codes: [String: EventTypeCode] = [:], _ defaults: TextContext,
        asking services: (any EnrichServices)? = nil
    ) -> EventType? {
        var enrichment = DeclaredDefinition.Enrichment.given(nil)
        if let hook {
            guard let services else { return nil }
            enrichment = .asked(hook, services)
        }
        let definition = DeclaredDefinition(
            self, defaults, enrichment, retracting: retraction.flatMap { codes[$0.type] })
        return EventType(name, code: code, topic: topic, delivery: delivery.policy, definition: definition)
    }

    /// The composition of events with these texts of `data`, in this order and in one window, whatever `when` says.
    ///
    /// - Parameter answer: the assumed response of the type's service, which is never called.
    /// - Throws: ``SheafError`` `bad_payload` if one of them does not match this type.
    public func preview(
        _ payloads: [String], for recipient: RecipientID, _ context: TextContext, answer: EnrichAnswer? = nil
    ) async throws -> Composition {
        let now = Timestamp(microseconds: 0)
        let type = EventType(
            name, code: 0, delivery: .immediate,
            definition: DeclaredDefinition(self, context, .given(answer)))
        return try await type.compose(
            payloads.map { payload in
                Event(
                    IncomingEvent(source: "preview", type: name, recipient: recipient, data: payload), type: 0, at: now)
            })
    }
}
