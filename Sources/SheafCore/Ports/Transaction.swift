/// Everything that changes the store. It is lent to a closure, cannot leave it, and publishing needs it: a message
/// and the state it is about are durable together or not at all.
public typealias Transaction = PathTransaction & RelayedTransaction & OperatorTransaction & RetentionTransaction

/// The path of an event: accept, digest, deliver.
public protocol PathTransaction {
    /// The moment of this transaction; all its rows carry the same.
    var now: Timestamp { get }

    /// Stores events, each with its window, unless its producer's identifier is known from its source. A producer's
    /// identifier that is known opens no window, and takes nothing back. What is taken back ends as by
    /// ``OperatorTransaction/retract(_:)``.
    /// - Returns: an outcome for each event, in their order.
    /// - Throws: ``SheafError/typesChanged`` if one was checked by an older revision of declared types than the current.
    func accept(_ events: [AdmittedEvent]) throws -> [AppendOutcome]

    /// Writes messages to the outbox.
    func publish(_ messages: [QueueMessage]) throws

    /// Ends windows, each by a compare-and-set, and stores their notifications with the messages that send them and
    /// the outcomes of events that have their own.
    /// - Returns: the digests that ended their windows; nothing is stored of the others.
    func digest(_ digests: [Digest]) throws -> Set<NotificationID>

    /// Notes attempts at delivery, and their result with notifications that are `pending`. The recipient's later
    /// notifications wait for one that is to be tried again; once it is delivered or has failed, the first that waits
    /// gets its message back.
    /// - Returns: the notifications that were `pending`. From the others nothing follows: they ended already, or were
    ///   erased.
    @discardableResult
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID>

    /// Has notifications wait until an earlier one of their recipient has ended. If none is being tried again, or waits,
    /// the message is published again instead, so that nothing waits in vain; later ones then wait for it. The messages that asked for it are the
    /// caller's to acknowledge.
    func hold(_ messages: [QueueMessage]) throws

    /// Publishes the message of what waits next for each of these notifications.
    /// - Parameter ended: messages about notifications that are not pending, or are gone.
    func release(after ended: [QueueMessage]) throws

    /// Deletes messages of the outbox that a consumer handed out. The consumer is to hear of it after the commit, by
    /// ``OutboxConsumer/forget(_:)``.
    func acknowledge(_ messages: [ReceivedMessage]) throws

    func insert(_ deadLetters: [DeadLetter]) throws
}

/// What windows outside the store need of it.
public protocol RelayedTransaction {
    /// Moves windows that must wait into the store, claimed by nobody, and assigns their events to them.
    /// - Returns: those moved; of the others an event has a window or an outcome.
    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow>

    /// Admits events that have no window, or are dead, as if they were accepted now. Others are skipped.
    /// - Parameter admission: how; `nil` leaves the event as it is.
    /// - Returns: the events that were admitted.
    @discardableResult
    func readmit(_ events: [EventID], as admission: (Event) -> Admission?) throws -> [Event]

    /// Marks events that have neither a window nor an outcome as dead.
    /// - Returns: those that were marked.
    func markDead(_ events: [EventID], reason: String) throws -> [EventID]
}

/// A window outside the store that must wait, with its events.
public struct AdoptedWindow: Hashable, Sendable {
    public let window: ClosedWindow
    public let events: [EventID]
    /// How many bytes the events' payloads have.
    public let bytes: Int
    public let attempt: Int
    public let delay: Duration
    public let reason: WaitReason

    public init(
        window: ClosedWindow, events: [EventID], bytes: Int, attempt: Int, delay: Duration, reason: WaitReason
    ) {
        self.window = window
        self.events = events
        self.bytes = bytes
        self.attempt = attempt
        self.delay = delay
        self.reason = reason
    }
}

/// What producers, operators, readers and replays change.
public protocol OperatorTransaction {
    /// Ends events that are live, suppressed with the reason ``Retraction/reason``, each in an ended window of its own. The
    /// window that it was in changes its revision, so that a digest that is under way is refused; one that has no event
    /// left is gone, unless an event that led it was told of already.
    /// - Returns: those that were live. On a store of several processes one may be missing that moved meanwhile: it is
    ///   still live, and can be retracted again.
    func retract(_ events: [EventID]) throws -> [EventID]

    /// Removes dead letters, and makes failed notifications that they hold pending. Their events stay dead until
    /// they are readmitted.
    /// - Parameter ids: which, or `nil` for the oldest.
    /// - Returns: those removed, at most `limit`; one that cannot be redriven stays.
    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter]

    /// Marks a recipient's notifications as read.
    /// - Parameter id: which, or `nil` for all.
    /// - Returns: whether there was one.
    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool

    /// Notes steps of events and notifications; what does not exist any more is skipped.
    func note(_ notes: [HistoryNote]) throws

    /// Stores notifications that a replay composed from events which ended before, with the messages that send them,
    /// and notes it with each event. The events' windows stay as they are.
    ///
    /// A digest is skipped if one of its events does not exist any more, is not `processed` or `suppressed`, or was
    /// composed by the same replay before.
    ///
    /// - Parameter replay: the name of the replay.
    /// - Returns: the digests that were stored.
    func replay(_ digests: [ReplayedDigest], as replay: String) throws -> Set<NotificationID>
}

/// What removes rows.
public protocol RetentionTransaction {
    /// Erases the recipient's events, windows, notifications, dead letters and pending messages; producers' identifiers
    /// stay known.
    ///
    /// - Parameter limit: about the most rows of each kind to erase.
    /// - Returns: how many rows were erased; there may be more unless there were none.
    func erase(recipient: RecipientID, limit: Int) throws -> Int

    /// Removes what ended before `moment`, the oldest first: windows with their events and all that is told about them,
    /// notifications with their attempts.
    ///
    /// An event in a live window, a notification that is `pending` and what a dead letter holds stay, and so do
    /// producers' identifiers.
    ///
    /// - Parameter limit: about the most rows to remove.
    /// - Returns: how many were removed; there may be more unless there were none.
    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int
}

/// What became of an event that was to be accepted.
public enum AppendOutcome: Hashable, Sendable {
    case stored
    /// It is stored, and so many events have ended by it.
    case retracting(Int)
    /// The producer's identifier is known; this event holds it.
    case duplicate(of: EventID)

    /// - Parameter retracted: how many events have ended by it.
    public static func stored(retracting retracted: Int) -> AppendOutcome {
        retracted > 0 ? .retracting(retracted) : .stored
    }

    public var isStored: Bool {
        if case .duplicate = self { false } else { true }
    }
}
