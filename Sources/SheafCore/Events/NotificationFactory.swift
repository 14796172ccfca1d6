/// Turns the events of one window, or one immediate event, into at most one notification.
///
/// A factory may ask other services. If one of them fails it throws, and the events wait and are tried again.
public protocol NotificationFactory<Payload>: Sendable {
    associatedtype Payload: EventPayload

    /// Words what happened.
    ///
    /// - Parameters:
    ///   - payloads: at least one, in the order the events were accepted.
    ///   - recipient: who will read it.
    /// - Throws: an error whose `failureKind` says whether trying again can help.
    func compose(_ payloads: [Payload], for recipient: RecipientID) async throws -> Composition
}

/// What a factory made of its events.
public enum Composition: Hashable, Sendable {
    case notification(NotificationContent)
    /// Nothing is to be said; the reason is a stable word such as `no_banned_items`.
    case suppressed(reason: String)
}
