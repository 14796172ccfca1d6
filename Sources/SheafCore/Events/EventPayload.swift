/// The typed data of one event type.
///
/// Its fields are collected while the event is read. Members of `data` it does not declare are kept in the store and
/// ignored. What cannot be said by kinds alone is refused by throwing a ``SheafError`` `bad_payload` that names the field
/// from ``init(_:)``.
public protocol EventPayload: Sendable {
    /// The members of `data` that are read. Others cannot be asked for.
    static var fields: [PayloadField] { get }

    init(_ values: PayloadValues) throws(SheafError)

    /// The part of the window key that comes from the payload: events with different parts are never bound together.
    /// `nil` for one window a recipient.
    var debounceKeyPart: String? { get }
}

extension EventPayload {
    public var debounceKeyPart: String? { nil }
}
