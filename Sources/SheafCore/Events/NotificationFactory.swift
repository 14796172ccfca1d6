/// Composes the events of one window, or one immediate event, into at most one notification.
///
/// A factory may call other services. If one of them fails, the factory throws, and the events wait for a retry.
public protocol NotificationFactory<Payload>: Sendable {
    associatedtype Payload: EventPayload

    /// Composes the notification.
    ///
    /// - Parameters:
    ///   - payloads: at least one, in the order in which the events were accepted.
    ///   - recipient: the reader of the notification.
    /// - Throws: an error whose `failureKind` says whether a retry can help.
    func compose(_ payloads: [Payload], for recipient: RecipientID) async throws -> Composition
}

/// The result of a factory.
public enum Composition: Hashable, Sendable {
    case notification(NotificationContent)
    /// No notification; the reason is a stable word such as `no_banned_items`.
    case suppressed(reason: String)
}
