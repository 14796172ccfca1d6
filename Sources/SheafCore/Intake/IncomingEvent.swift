/// An event as a producer sent it, read but not yet checked against the catalog.
public struct IncomingEvent: Hashable, Sendable {
    /// The most characters a producer's identifier may have.
    public static let maximumIDLength = 200
    /// The most characters the source of a CloudEvent may have. With the identifier it is a key of the store, which
    /// PostgreSQL holds up to 2,704 bytes.
    public static let maximumSourceLength = 400

    public var source: String
    public var producerID: String?
    public var type: String
    public var recipient: RecipientID
    public var occurredAt: Timestamp?
    /// The JSON text of `data`.
    public var data: String
    /// What its type declares of `data`, collected when the event was read; `nil` if the type was not known by then.
    var values: PayloadValues?
    /// The trace it came with, as ``TraceContext`` writes it.
    public var traceParent: String?

    public init(
        source: String, producerID: String? = nil, type: String, recipient: RecipientID, occurredAt: Timestamp? = nil,
        data: String, traceParent: String? = nil
    ) {
        self.source = source
        self.producerID = producerID
        self.type = type
        self.recipient = recipient
        self.occurredAt = occurredAt
        self.data = data
        self.traceParent = traceParent
    }

    /// The event with `trace`, as ``TraceContext`` writes it, if it has none of its own.
    public func joined(to trace: String) -> IncomingEvent {
        var event = self
        event.traceParent = traceParent ?? trace
        return event
    }
}
