/// Defines an event type whose fields and texts are known only at run time.
///
/// For a type declared in a file it replaces ``EventPayload`` and ``NotificationFactory``: its fields are read in the
/// same pass, and its events take the same path.
public protocol EventTypeDefinition: Sendable {
    /// The members of `data` that are read.
    var fields: [PayloadField] { get }

    /// The window of an event that is being accepted, and what the event changes at once.
    ///
    /// - Throws: ``SheafError`` `bad_payload` if the values do not match this type.
    func classify(_ values: PayloadValues, of event: EventHead) throws(SheafError) -> EventClassification

    /// Checks the values of an event that is about to be composed.
    ///
    /// - Throws: ``SheafError`` `bad_payload` if they do not match this type any more.
    func check(_ values: PayloadValues) throws(SheafError)

    /// Composes the events, as ``NotificationFactory/compose(_:for:)`` does.
    ///
    /// - Parameter events: at least one, in the order in which they were accepted.
    func compose(_ events: [ReadEvent], in context: CompositionContext) async throws -> WindowComposition
}

/// The data of an event, besides `data`, on which decisions may depend.
public struct EventHead: Hashable, Sendable {
    public let recipient: RecipientID
    /// When the event happened; when it was received if its producer sent no time.
    public let occurredAt: Timestamp

    public init(recipient: RecipientID, occurredAt: Timestamp) {
        self.recipient = recipient
        self.occurredAt = occurredAt
    }
}

/// Which window an event that is being accepted belongs to, and what it changes at once.
public struct EventClassification: Hashable, Sendable {
    /// The part of the window key that comes from the payload.
    public let keyPart: String?
    /// Why the event ends at once, in no window that others join; `nil` if it does not.
    public let suppression: String?
    /// Which events this event retracts; `nil` if none.
    public let retraction: Retraction?

    public init(keyPart: String?, suppression: String? = nil, retraction: Retraction? = nil) {
        self.keyPart = keyPart
        self.suppression = suppression
        self.retraction = retraction
    }
}
