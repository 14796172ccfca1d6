/// An event as a producer sent it, read but not yet checked against the catalog.
public struct IncomingEvent: Hashable, Sendable {
    /// The maximum characters of a producer's id.
    public static let maximumIDLength = 200
    /// The maximum characters of a CloudEvent's source. Source and id together are a key of the store, for which
    /// PostgreSQL allows 2,704 bytes.
    public static let maximumSourceLength = 400

    public var source: String
    public var producerID: String?
    public var type: String
    public var recipient: RecipientID
    public var occurredAt: Timestamp?
    /// The JSON text of `data`.
    public var data: String
    /// The values of the fields that its type declares; `nil` if the type was not yet known when `data` was read.
    var values: PayloadValues?
    /// The trace of the event, as ``TraceContext`` writes it.
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

    /// The event with `trace`, in the form of ``TraceContext``, unless it has a trace of its own.
    public func joined(to trace: String) -> IncomingEvent {
        var event = self
        event.traceParent = traceParent ?? trace
        return event
    }
}
