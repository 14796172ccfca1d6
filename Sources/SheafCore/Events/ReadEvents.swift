/// Events of one window, read once and ready to be composed.
public struct ReadEvents: Sendable {
    /// The events whose payload cannot be read any more, and why.
    public let unreadable: [(event: Event, error: SheafError)]
    /// The number of readable events.
    public let readable: Int
    private let make: @Sendable (CompositionContext) async throws -> WindowComposition

    /// - Parameter factory: returns the factory for a recipient with these settings.
    init<Factory: NotificationFactory>(
        _ events: [Event], by factory: @escaping @Sendable (RecipientDescription) -> Factory
    ) {
        self.init(events) { event throws(SheafError) in
            try Factory.Payload(PayloadReader.read(Factory.Payload.fields, from: event.payload))
        } compose: { payloads, context in
            WindowComposition(try await factory(context.settings).compose(payloads, for: context.recipient))
        }
    }

    init(_ events: [Event], by definition: some EventTypeDefinition) {
        self.init(events) { event throws(SheafError) in
            let values = try PayloadReader.read(definition.fields, from: event.payload)
            try definition.check(values)
            return ReadEvent(id: event.id, data: event.payload, values: values)
        } compose: {
            try await definition.compose($0, in: $1)
        }
    }

    private init<Payload: Sendable>(
        _ events: [Event], read: (Event) throws(SheafError) -> Payload,
        compose: @escaping @Sendable ([Payload], CompositionContext) async throws -> WindowComposition
    ) {
        var unreadable: [(event: Event, error: SheafError)] = []
        var payloads: [Payload] = []
        payloads.reserveCapacity(events.count)
        for event in events {
            do throws(SheafError) {
                payloads.append(try read(event))
            } catch {
                unreadable.append((event, error))
            }
        }
        self.unreadable = unreadable
        readable = payloads.count
        make = { [payloads] context in
            guard !payloads.isEmpty else { return WindowComposition(.suppressed(reason: "empty")) }
            do {
                return try await compose(payloads, context)
            } catch let error as SheafError {
                throw error.waiting(atMost: RetryAfter.longestOfService)
            }
        }
    }

    /// Composes the readable events with the factory.
    ///
    /// - Throws: the factory's error. A ``SheafError`` then asks for a wait of at most a minute, so that no service
    ///   holds a window for ever.
    public func compose(in context: CompositionContext) async throws -> WindowComposition { try await make(context) }
}
