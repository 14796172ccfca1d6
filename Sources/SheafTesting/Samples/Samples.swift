public import SheafCore

/// Creates events, digests and messages for tests: all distinct, with ids in the order of creation.
public struct Samples: Sendable {
    /// When the first event is received.
    public let start: Timestamp
    private let identifiers = IdentifierGenerator()

    public init(start: Timestamp = TestClock.start) { self.start = start }

    /// The recipient, type and key part of samples for which they do not matter.
    public static let recipient: RecipientID = 42
    public static let type: EventTypeCode = 1
    public static let keyPart = "7"

    public func eventID(at moment: Timestamp? = nil) -> EventID { identifiers.next(at: moment ?? start) }
    public func notificationID() -> NotificationID { identifiers.next(at: start) }
    public func deadLetterID() -> DeadLetterID { identifiers.next(at: start) }

    public func event(
        id: EventID? = nil, recipient: RecipientID = Samples.recipient, type: EventTypeCode = Samples.type,
        keyPart: String? = Samples.keyPart, source: String = "http", producerID: String? = nil,
        receivedAt: Timestamp? = nil, payload: String = #"{"sale_id":7,"item_id":1001}"#, traceParent: String? = nil
    ) -> Event {
        let receivedAt = receivedAt ?? start
        return Event(
            id: id ?? eventID(at: receivedAt), source: source, producerID: producerID, type: type, recipient: recipient,
            keyPart: keyPart, occurredAt: receivedAt - .seconds(1), receivedAt: receivedAt, payload: payload,
            traceParent: traceParent)
    }

    public func events(_ count: Int, recipient: RecipientID = Samples.recipient) -> [Event] {
        (0..<count).map { _ in event(recipient: recipient) }
    }

    public static let content = NotificationContent(
        listTitle: "Исключили 2 товара из распродажи", listDescription: "2 объявления больше не подходят",
        fullTitle: "Исключили 2 товара", fullText: "Чайник «Полёт» и кружка 🫖",
        url: "https://example.com/a%20b", locale: "pt-BR", category: "sales", importance: "critical")

    /// The events, all admitted in the same way.
    public static func admitted(_ events: [Event], as admission: Admission) -> [AdmittedEvent] {
        events.map { AdmittedEvent($0, admission) }
    }

    /// A window of `key` that was open for the minute before the first sample.
    public func window(_ key: WindowKey = Samples.key()) -> WindowSpan {
        WindowSpan(key: key, openedAt: start - .seconds(60), closesAt: start)
    }

    /// A digest of events whose window is outside the store; the key is the first event's unless given.
    public func digest(
        _ events: [Event], window: WindowSpan? = nil, isAlone: Bool = false, exceptions: [EventException] = [],
        composition: Composition = .notification(Samples.content), traceParent: String? = nil
    ) -> Digest {
        Digest(
            id: notificationID(), source: .relayed,
            window: window ?? self.window(events.first?.windowKey ?? Samples.key()), isAlone: isAlone,
            events: events.map(\.id), exceptions: exceptions, composition: composition, traceParent: traceParent)
    }

    /// A digest of a claimed window.
    public func digest(
        _ claim: ClaimedWindow, exceptions: [EventException] = [],
        composition: Composition = .notification(Samples.content), traceParent: String? = nil
    ) -> Digest {
        Digest(
            id: notificationID(), source: .claim(claim.id, token: claim.token, revision: claim.revision),
            window: claim.window, isAlone: claim.isAlone, attempts: claim.attempt, events: claim.events.map(\.id),
            exceptions: exceptions, composition: composition, traceParent: traceParent)
    }

    /// A replay's digest of `events`.
    public func replayed(_ events: [Event]) -> ReplayedDigest {
        ReplayedDigest(
            id: notificationID(), type: events.first?.type ?? Samples.type,
            recipient: events.first?.recipient ?? Samples.recipient, events: events.map(\.id),
            content: Samples.content)
    }

    /// A dead letter that holds `body`.
    public func deadLetter(
        _ body: MessageBody?, recipient: RecipientID? = Samples.recipient, reason: String = "attempts_used_up"
    ) -> DeadLetter {
        DeadLetter(
            id: deadLetterID(), topic: body?.topic.rawValue ?? "marketplace-sale.item.changed", reason: reason,
            error: "upstream: the sales service answered 503", message: #"{"sale_id":7}"#, body: body,
            recipient: recipient, failedAt: start)
    }

    public static func key(
        recipient: RecipientID = Samples.recipient, type: EventTypeCode = Samples.type,
        part: String? = Samples.keyPart
    ) -> WindowKey {
        WindowKey(type: type, recipient: recipient, part: part)
    }

    /// Attempt number `number` at `moment`.
    public static func attempt(
        _ number: Int, at moment: Timestamp, _ outcome: DeliveryAttempt.Outcome, httpStatus: Int? = nil,
        error: String? = nil
    ) -> DeliveryAttempt {
        DeliveryAttempt(number: number, at: moment, outcome: outcome, httpStatus: httpStatus, error: error)
    }
}
