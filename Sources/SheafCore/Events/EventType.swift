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

    private let parse: @Sendable ([String]) -> [Result<String?, SheafError>]
    private let make: @Sendable ([Event]) async throws -> Composition

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
        parse = { texts in
            PayloadDecoder.decode(Factory.Payload.self, from: texts).map { $0.map { $0.debounceKeyPart } }
        }
        make = { events in
            guard let recipient = events.first?.recipient else { return .suppressed(reason: "empty") }
            let payloads = try PayloadDecoder.decode(Factory.Payload.self, from: events.map { $0.payload }).map {
                try $0.get()
            }
            do {
                return try await factory.compose(payloads, for: recipient)
            } catch let error as SheafError {
                throw error.waiting(atMost: RetryAfter.longestOfService)
            }
        }
    }

    private init(_ other: EventType, delivery: DeliveryPolicy) {
        name = other.name
        code = other.code
        topic = other.topic
        parse = other.parse
        make = other.make
        self.delivery = delivery
    }

    /// The same type under another delivery policy.
    public func delivered(_ delivery: DeliveryPolicy) -> EventType { EventType(self, delivery: delivery) }

    /// The debounce key part of each payload, or why it has not the form of this type.
    public func keyParts(of payloads: [String]) -> [Result<String?, SheafError>] { parse(payloads) }

    /// Has the factory word `events`, which are all of this type and of one recipient.
    ///
    /// - Throws: what the factory throws; a ``SheafError`` asks for a wait of a minute at most, so that no service holds
    ///   a window for ever.
    public func compose(_ events: [Event]) async throws -> Composition { try await make(events) }
}
