/// The time-ordered id that Sheaf gives to an event.
public typealias EventID = Identifier<Event>

/// The user who will read the notification.
public typealias RecipientID = Int64

/// A fact about one recipient, as it was accepted.
public struct Event: Hashable, Sendable {
    public let id: EventID
    /// The origin: `http`, `file`, a topic, or the `source` of a CloudEvent.
    public let source: String
    /// The producer's own id, unique within its source.
    public let producerID: String?
    public let type: EventTypeCode
    public let recipient: RecipientID
    /// The part of the window key that comes from the payload.
    public let keyPart: String?
    public let occurredAt: Timestamp
    public let receivedAt: Timestamp
    /// The JSON text of `data`, as the producer wrote it.
    public let payload: String
    /// The trace of the event, as ``TraceContext`` writes it.
    public let traceParent: String?

    public init(
        id: EventID, source: String, producerID: String?, type: EventTypeCode, recipient: RecipientID, keyPart: String?,
        occurredAt: Timestamp, receivedAt: Timestamp, payload: String, traceParent: String?
    ) {
        self.id = id
        self.source = source
        self.producerID = producerID
        self.type = type
        self.recipient = recipient
        self.keyPart = keyPart
        self.occurredAt = occurredAt
        self.receivedAt = receivedAt
        self.payload = payload
        self.traceParent = traceParent
    }

    /// The event that a producer sent, as it is accepted at `now`.
    public init(
        _ incoming: IncomingEvent, id: EventID? = nil, type: EventTypeCode, keyPart: String? = nil, at now: Timestamp
    ) {
        self.init(
            id: id ?? IdentifierGenerator.shared.next(at: now), source: incoming.source,
            producerID: incoming.producerID, type: type, recipient: incoming.recipient, keyPart: keyPart,
            occurredAt: incoming.occurredAt ?? now, receivedAt: now, payload: incoming.data,
            traceParent: incoming.traceParent)
    }

    /// The id that clients use: the producer's id if there is one, else Sheaf's.
    public var publicID: String { producerID ?? id.description }

    /// The trace of the event, if it can be read.
    public var trace: TraceContext? { traceParent.flatMap { TraceContext($0) } }

    /// The size of the payload in bytes.
    public var payloadBytes: Int { payload.utf8.count }

    /// The window the event belongs to while it waits.
    public var windowKey: WindowKey { WindowKey(type: type, recipient: recipient, part: keyPart) }
}

extension Sequence<Event> {
    /// The size of all payloads in bytes.
    public var payloadBytes: Int { reduce(0) { $0 + $1.payloadBytes } }
}
