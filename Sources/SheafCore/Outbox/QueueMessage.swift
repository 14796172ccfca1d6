/// The topics of the queue.
public enum Topic: String, Hashable, Sendable, CaseIterable {
    /// An event was stored and needs a window, or its window should have ended.
    case eventOccurred = "event_occurred"
    /// A notification is to be sent to the gateway.
    case notificationSend = "notification_send"

    /// The number under which a database stores the topic.
    public var number: Int {
        switch self {
        case .eventOccurred: 0
        case .notificationSend: 1
        }
    }
}

/// The event or notification that a message of the queue is about.
public enum MessageBody: Hashable, Sendable {
    case event(EventID)
    case notification(NotificationID)

    public var topic: Topic {
        switch self {
        case .event: .eventOccurred
        case .notification: .notificationSend
        }
    }

    /// The notification to send; `nil` if the message is about an event.
    public var notificationID: NotificationID? {
        if case .notification(let id) = self { id } else { nil }
    }

    /// The sixteen bytes of the identifier.
    public var bytes: [UInt8] {
        switch self {
        case .event(let id): id.bytes
        case .notification(let id): id.bytes
        }
    }

    /// The body of a message of `topic` from the identifier's bytes; `nil` for any other count than sixteen.
    public init?(topic: Topic, bytes: some Collection<UInt8>) {
        switch topic {
        case .eventOccurred:
            guard let id = EventID(bytes: bytes) else { return nil }
            self = .event(id)
        case .notificationSend:
            guard let id = NotificationID(bytes: bytes) else { return nil }
            self = .notification(id)
        }
    }
}

/// A message as it is published.
public struct QueueMessage: Hashable, Sendable {
    /// Messages with the same key keep their order.
    public let key: RecipientID
    public let body: MessageBody
    /// How many times handling was tried before.
    public let attempt: Int
    /// How long its delivery is delayed.
    public let delay: Duration

    public init(key: RecipientID, body: MessageBody, attempt: Int = 0, delay: Duration = .zero) {
        self.key = key
        self.body = body
        self.attempt = attempt
        self.delay = delay
    }

    public var topic: Topic { body.topic }
}

/// A message's position in its queue, in the driver's own terms; used to acknowledge it.
public struct MessagePosition: Hashable, Comparable, Sendable {
    public let partition: Int64
    public let offset: Int64

    public init(partition: Int64, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.partition, left.offset) < (right.partition, right.offset)
    }
}

/// A message as a consumer gets it.
public struct ReceivedMessage: Hashable, Sendable {
    public let message: QueueMessage
    public let position: MessagePosition

    public init(message: QueueMessage, position: MessagePosition) {
        self.message = message
        self.position = position
    }
}
