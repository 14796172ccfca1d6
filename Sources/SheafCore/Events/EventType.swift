/// The stable number by which an event type is stored.
public typealias EventTypeCode = Int

/// One event type, usable without knowing its payload's Swift type: name, code, topic, policy, parser and factory.
public struct EventType: Sendable {
    /// The name clients use: lower-case letters, digits and underscores.
    public let name: String
    public let code: EventTypeCode
    /// The business topic of the databus that carries it.
    public let topic: String?
    public let delivery: DeliveryPolicy

    /// The members of `data` that are read from its events.
    public let fields: [PayloadField]

    private let classifyValues: @Sendable (PayloadValues, EventHead) throws(SheafError) -> EventClassification
    private let prepare: @Sendable ([Event]) -> ReadEvents
    /// Whether records of its topic name their recipient `recipient_id` before `seller_id`.
    let prefersRecipientID: Bool
    /// Whether its texts depend on the recipient's settings.
    public let usesSettings: Bool

    /// Makes a type from a payload and its factory, with a name and a code.
    ///
    /// - Parameters:
    ///   - code: stored with every event; never change or reuse it.
    ///   - topic: the databus topic whose messages are this type's events.
    public init<Factory: NotificationFactory>(
        _ name: String, code: EventTypeCode, topic: String? = nil, delivery: DeliveryPolicy, factory: Factory
    ) {
        self.init(name, code: code, topic: topic, delivery: delivery, usesSettings: false) { _ in factory }
    }

    /// Makes a type from a payload and several factories, for example one for each language.
    ///
    /// - Parameter factory: returns the factory for a recipient with these settings.
    public init<Factory: NotificationFactory>(
        _ name: String, code: EventTypeCode, topic: String? = nil, delivery: DeliveryPolicy,
        factory: @escaping @Sendable (RecipientDescription) -> Factory
    ) {
        self.init(name, code: code, topic: topic, delivery: delivery, usesSettings: true, factory: factory)
    }

    private init<Factory: NotificationFactory>(
        _ name: String, code: EventTypeCode, topic: String?, delivery: DeliveryPolicy, usesSettings: Bool,
        factory: @escaping @Sendable (RecipientDescription) -> Factory
    ) {
        self.name = name
        self.code = code
        self.topic = topic
        self.delivery = delivery
        self.usesSettings = usesSettings
        fields = Factory.Payload.fields
        classifyValues = { values, _ throws(SheafError) in
            EventClassification(keyPart: try Factory.Payload(values).debounceKeyPart)
        }
        prepare = { ReadEvents($0, by: factory) }
        prefersRecipientID = false
    }

    /// Makes a type from a definition that is known only at run time.
    public init(
        _ name: String, code: EventTypeCode, topic: String? = nil, delivery: DeliveryPolicy,
        definition: some EventTypeDefinition
    ) {
        self.name = name
        self.code = code
        self.topic = topic
        self.delivery = delivery
        fields = definition.fields
        classifyValues = { values, head throws(SheafError) in try definition.classify(values, of: head) }
        prepare = { ReadEvents($0, by: definition) }
        prefersRecipientID = true
        usesSettings = true
    }

    private init(_ other: EventType, delivery: DeliveryPolicy) {
        name = other.name
        code = other.code
        topic = other.topic
        fields = other.fields
        classifyValues = other.classifyValues
        prefersRecipientID = other.prefersRecipientID
        usesSettings = other.usesSettings
        prepare = other.prepare
        self.delivery = delivery
    }

    /// The same type with another delivery policy.
    public func delivered(_ delivery: DeliveryPolicy) -> EventType { EventType(self, delivery: delivery) }

    /// The classification of an event, from the values collected when it was read.
    ///
    /// - Parameter now: when the event is accepted.
    /// - Throws: ``SheafError`` `bad_payload` if its `data` does not match this type.
    public func classify(_ event: IncomingEvent, at now: Timestamp) throws(SheafError) -> EventClassification {
        let head = EventHead(recipient: event.recipient, occurredAt: event.occurredAt ?? now)
        guard let values = event.values, values.fields == fields else { return try classify(event.data, head) }
        return try classify(values, head)
    }

    /// The same for the text of `data`, which this reads.
    public func classify(_ data: String, _ head: EventHead) throws(SheafError) -> EventClassification {
        try classify(PayloadReader.read(fields, from: data), head)
    }

    private func classify(_ values: PayloadValues, _ head: EventHead) throws(SheafError) -> EventClassification {
        let own = try classifyValues(values, head)
        guard case .scheduled = delivery else { return own }
        // Whatever the type's key, there is one notification a day.
        return EventClassification(keyPart: nil, suppression: own.suppression, retraction: own.retraction)
    }

    /// Reads `events`, all of this type and of one recipient, in order to compose them.
    public func read(_ events: [Event]) -> ReadEvents { prepare(events) }

    /// Composes `events`, all of this type and of one recipient.
    ///
    /// - Parameter settings: the recipient's settings.
    /// - Throws: as ``ReadEvents/compose(in:)``, and if an event cannot be read.
    public func compose(
        _ events: [Event], settings: RecipientDescription = RecipientDescription()
    ) async throws -> Composition {
        guard let first = events.first else { return .suppressed(reason: "empty") }
        let read = read(events)
        if let error = read.unreadable.first?.error { throw error }
        return try await read.compose(in: CompositionContext(of: first, settings: settings)).composition
    }
}
