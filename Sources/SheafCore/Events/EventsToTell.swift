/// Events of one window, read once and ready to be worded.
public struct EventsToTell: Sendable {
    /// The events whose payload cannot be read any more, and why.
    public let unreadable: [(event: Event, error: SheafError)]
    /// The number of the others.
    public let readable: Int
    private let make: @Sendable () async throws -> Composition

    init<Factory: NotificationFactory>(_ events: [Event], by factory: Factory) {
        var unreadable: [(event: Event, error: SheafError)] = []
        var payloads: [Factory.Payload] = []
        for event in events {
            do throws(SheafError) {
                payloads.append(try Factory.Payload(PayloadReader.read(Factory.Payload.fields, from: event.payload)))
            } catch {
                unreadable.append((event, error))
            }
        }
        self.unreadable = unreadable
        readable = payloads.count
        let recipient = events.first?.recipient
        make = { [payloads] in
            guard let recipient, !payloads.isEmpty else { return .suppressed(reason: "empty") }
            do {
                return try await factory.compose(payloads, for: recipient)
            } catch let error as SheafError {
                throw error.waiting(atMost: RetryAfter.longestOfService)
            }
        }
    }

    /// Has the factory word the events that can be read.
    ///
    /// - Throws: what the factory throws; a ``SheafError`` asks for a wait of a minute at most, so that no service holds
    ///   a window for ever.
    public func compose() async throws -> Composition { try await make() }
}
