/// The id of a notification, which is also its idempotency key at the gateway.
public typealias NotificationID = Identifier<UserNotification>

/// A notification for one recipient.
public struct UserNotification: Hashable, Sendable {
    public let id: NotificationID
    public let recipient: RecipientID
    public let type: EventTypeCode
    public let content: NotificationContent
    /// How many events it covers.
    public let eventCount: Int
    public let createdAt: Timestamp
    /// The trace of its composition, as ``TraceContext`` writes it: the trace of one of its events, if they had any.
    public let traceParent: String?
    public var status: Status
    public var deliveredAt: Timestamp?
    public var readAt: Timestamp?
    /// How many attempts at delivery are recorded.
    public var attempts: Int

    /// The raw value is stored.
    public enum Status: Int, Hashable, Sendable, CaseIterable {
        case pending = 0
        case delivered = 1
        case failed = 2

        /// The name clients see.
        public var name: String {
            switch self {
            case .pending: "pending"
            case .delivered: "delivered"
            case .failed: "failed"
            }
        }
    }

    public init(
        id: NotificationID, recipient: RecipientID, type: EventTypeCode, content: NotificationContent, eventCount: Int,
        createdAt: Timestamp, traceParent: String? = nil, status: Status = .pending, deliveredAt: Timestamp? = nil,
        readAt: Timestamp? = nil, attempts: Int = 0
    ) {
        self.id = id
        self.recipient = recipient
        self.type = type
        self.content = content
        self.eventCount = eventCount
        self.createdAt = createdAt
        self.traceParent = traceParent
        self.status = status
        self.deliveredAt = deliveredAt
        self.readAt = readAt
        self.attempts = attempts
    }

    /// The trace of its composition, if it can be read.
    public var trace: TraceContext? { traceParent.flatMap { TraceContext($0) } }
}
