/// The typed data of one event type.
///
/// Its fields are read while the event is read. Undeclared members of `data` are stored and ignored. For a rule that
/// field kinds cannot express, ``init(_:)`` throws a ``SheafError`` `bad_payload` that names the field.
public protocol EventPayload: Sendable {
    /// The members of `data` that are read. Others are not available.
    static var fields: [PayloadField] { get }

    init(_ values: PayloadValues) throws(SheafError)

    /// The part of the window key that comes from the payload: events with different parts are never digested together.
    /// `nil` for one window for each recipient.
    var debounceKeyPart: String? { get }
}

extension EventPayload {
    public var debounceKeyPart: String? { nil }
}
