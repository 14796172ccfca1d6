/// The stable number by which an event type is stored.
public typealias EventTypeCode = Int

/// One event type, ready to be used without knowing its payload: name, code, topic, policy, parser and factory.
public struct EventType: Sendable {
    /// The name clients use: lower-case letters, digits and underscores.
    public let name: String
    public let code: EventTypeCode
    /// The business topic of the databus that carries it.
    public let topic: String?
    public let delivery: DeliveryPolicy

    /// The members of `data` that are read of its events.
    let fields: [PayloadField]

    private let key: @Sendable (PayloadValues) throws(SheafError) -> String?
    private let prepare: @Sendable ([Event]) -> EventsToTell

    /// Ties a payload and its factory to a name and a code.
    ///
    /// - Parameters:
    ///   - code: stored with every event; never change it, never use it again.
    ///   - topic: the databus topic whose messages are this type's events.
    public init<Factory: NotificationFactory>(
        _ name: String, code: EventTypeCode, topic: String? = nil, delivery: DeliveryPolicy, factory: Factory
    ) {
        self.name = name
        self.code = code
        self.topic = topic
        self.delivery = delivery
        fields = Factory.Payload.fields
        key = { values throws(SheafError) in try Factory.Payload(values).debounceKeyPart }
        prepare = { EventsToTell($0, by: factory) }
    }

    private init(_ other: EventType, delivery: DeliveryPolicy) {
        name = other.name
        code = other.code
        topic = other.topic
        fields = other.fields
        key = other.key
        prepare = other.prepare
        self.delivery = delivery
    }

    /// The same type under another delivery policy.
    public func delivered(_ delivery: DeliveryPolicy) -> EventType { EventType(self, delivery: delivery) }

    /// The debounce key part of an event; it is made of what was collected when the event was read.
    ///
    /// - Throws: ``SheafError`` `bad_payload` if its `data` has not the form of this type.
    public func keyPart(of event: IncomingEvent) throws(SheafError) -> String? {
        guard let values = event.values, values.fields == fields else { return try keyPart(of: event.data) }
        return try key(values)
    }

    /// The same of the text of `data`, which is read for it.
    public func keyPart(of data: String) throws(SheafError) -> String? {
        try key(PayloadReader.read(fields, from: data))
    }

    /// Reads `events`, which are all of this type and of one recipient, to word them.
    public func read(_ events: [Event]) -> EventsToTell { prepare(events) }

    /// Has the factory word `events`, which are all of this type and of one recipient.
    ///
    /// - Throws: as ``EventsToTell/compose()``, and if one of them cannot be read.
    public func compose(_ events: [Event]) async throws -> Composition {
        let events = read(events)
        if let error = events.unreadable.first?.error { throw error }
        return try await events.compose()
    }
}
