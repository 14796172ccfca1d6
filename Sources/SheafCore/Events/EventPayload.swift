/// The typed data of one event type.
///
/// It is decoded from the `data` of an event as Foundation's `JSONDecoder` does by default: a `Date` is a number of
/// seconds since 2001, `Data` is Base64, a `URL` is a string and a `Decimal` a number. Members it does not name are kept
/// in the store and ignored. What cannot be said by types alone is refused by throwing a ``SheafError`` that names the
/// field from `init(from:)`.
public protocol EventPayload: Decodable, Sendable {
    /// The part of the window key that comes from the payload: events with different parts are never bound together.
    /// `nil` for one window a recipient.
    var debounceKeyPart: String? { get }
}

extension EventPayload {
    public var debounceKeyPart: String? { nil }
}
