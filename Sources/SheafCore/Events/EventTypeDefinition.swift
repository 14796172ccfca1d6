/// What makes an event type whose fields and texts are known only when the program runs.
///
/// It is to a type that is declared in a file what ``EventPayload`` and ``NotificationFactory`` are to one in Swift: its
/// fields are collected in the same pass, and its events take the same path.
public protocol EventTypeDefinition: Sendable {
    /// The members of `data` that are read.
    var fields: [PayloadField] { get }

    /// Where an event belongs when it is accepted.
    ///
    /// - Throws: ``SheafError`` `bad_payload` if the values have not the form of this type.
    func place(_ values: PayloadValues, of event: EventHead) throws(SheafError) -> EventPlace

    /// Checks the values of an event that is about to be worded.
    ///
    /// - Throws: ``SheafError`` `bad_payload` if they have not the form of this type any more.
    func check(_ values: PayloadValues) throws(SheafError)

    /// Words what happened, as ``NotificationFactory/compose(_:for:)`` does.
    ///
    /// - Parameter events: at least one, in the order they were accepted.
    func compose(_ events: [ReadEvent], in context: CompositionContext) async throws -> WindowComposition
}

/// What a decision about an event may know beside its `data`.
public struct EventHead: Hashable, Sendable {
    public let recipient: RecipientID
    /// When it happened; when it was received, if its producer did not say.
    public let occurredAt: Timestamp

    public init(recipient: RecipientID, occurredAt: Timestamp) {
        self.recipient = recipient
        self.occurredAt = occurredAt
    }
}

/// Where an event belongs when it is accepted.
public struct EventPlace: Hashable, Sendable {
    /// The part of the window key that comes from the payload.
    public let keyPart: String?
    /// Why the event ends at once, in no window that others join; `nil` if it does not.
    public let suppression: String?
    /// What the event takes back; `nil` if nothing.
    public let retraction: Retraction?

    public init(keyPart: String?, suppression: String? = nil, retraction: Retraction? = nil) {
        self.keyPart = keyPart
        self.suppression = suppression
        self.retraction = retraction
    }
}
