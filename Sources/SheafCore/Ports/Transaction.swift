/// All changes to the store. A closure receives it and cannot keep it. Publishing needs it, so a message and the state
/// it is about are durable together or not at all.
public typealias Transaction = EventTransaction & RelayedTransaction & OperatorTransaction & RetentionTransaction

/// The path of an event: accept, digest, deliver.
public protocol EventTransaction {
    /// The moment of this transaction; all its rows have it.
    var now: Timestamp { get }

    /// Stores events, each with its window, unless its source already sent its producer id. Such a duplicate opens no
    /// window and retracts nothing. Retracted events end as with ``OperatorTransaction/retract(_:)``.
    /// - Returns: an outcome for each event, in the same order.
    /// - Throws: ``SheafError/typesChanged`` if an event was checked with an older revision of declared types than the
    ///   current one.
    func accept(_ events: [AdmittedEvent]) throws -> [AppendOutcome]

    /// Writes messages to the outbox.
    func publish(_ messages: [QueueMessage]) throws

    /// Ends windows, each by a compare-and-set, and stores their notifications, the messages that send them, and the
    /// outcomes of events that have their own.
    /// - Returns: the digests that ended their windows; nothing is stored for the others.
    func digest(_ digests: [Digest]) throws -> Set<NotificationID>

    /// Records attempts at delivery, and their results with notifications that are `pending`. The recipient's later
    /// notifications wait for one that is to be retried. Once it is delivered or has failed, the message of the first
    /// that waits is published.
    /// - Returns: the notifications that were `pending`. The others had already ended or were erased, and nothing
    ///   changes.
    @discardableResult
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID>

    /// Makes notifications wait until an earlier one of their recipient has ended. If none is being retried or waits,
    /// this publishes the message again instead, so that nothing waits for ever; later ones then wait for it. The
    /// caller must acknowledge the messages that asked for the notifications.
    func hold(_ messages: [QueueMessage]) throws

    /// Publishes the message of the next waiting notification after each of these.
    /// - Parameter ended: messages about notifications that are not pending or no longer exist.
    func release(after ended: [QueueMessage]) throws

    /// Deletes outbox messages that a consumer delivered. After the commit, call ``OutboxConsumer/forget(_:)``.
    func acknowledge(_ messages: [ReceivedMessage]) throws

    func insert(_ deadLetters: [DeadLetter]) throws
}

/// The operations that windows outside the store need.
public protocol RelayedTransaction {
    /// Moves windows that must wait into the store, unclaimed, and assigns their events to them.
    /// - Returns: the moved windows; in the others some event already has a window or an outcome.
    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow>

    /// Admits events that have no window, or are dead, as if they were accepted now. Others are skipped.
    /// - Parameter admission: how to admit an event; `nil` leaves it as it is.
    /// - Returns: the events that were admitted.
    @discardableResult
    func readmit(_ events: [EventID], as admission: (Event) -> Admission?) throws -> [Event]

    /// Marks events that have neither a window nor an outcome as dead.
    /// - Returns: the events that were marked.
    func markDead(_ events: [EventID], reason: String) throws -> [EventID]
}

/// A window outside the store that must wait, with its events.
public struct AdoptedWindow: Hashable, Sendable {
    public let span: WindowSpan
    public let events: [EventID]
    /// The size of the events' payloads in bytes.
    public let bytes: Int
    public let attempt: Int
    public let delay: Duration
    public let reason: WaitReason

    public init(
        span: WindowSpan, events: [EventID], bytes: Int, attempt: Int, delay: Duration, reason: WaitReason
    ) {
        self.span = span
        self.events = events
        self.bytes = bytes
        self.attempt = attempt
        self.delay = delay
        self.reason = reason
    }
}

/// The changes of producers, operators, readers and replays.
public protocol OperatorTransaction {
    /// Ends live events as suppressed with the reason ``Retraction/reason``, each in an ended window of its own. The
    /// revision of their former window changes, so that a digest in progress is refused. A window without events is
    /// deleted, unless its leading event was already notified.
    /// - Returns: the events that were live. With several processes, an event that moved meanwhile may be missing: it
    ///   is still live, and can be retracted again.
    func retract(_ events: [EventID]) throws -> [EventID]

    /// Removes dead letters, and makes the failed notifications that they hold pending. Their events stay dead until
    /// they are readmitted.
    /// - Parameter ids: the letters; `nil` for the oldest.
    /// - Returns: the removed letters, at most `limit`; a letter that cannot be redriven stays.
    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter]

    /// Marks a recipient's notifications as read.
    /// - Parameter id: the notification; `nil` for all.
    /// - Returns: whether there was one.
    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool

    /// Stores history notes of events and notifications; skips those that no longer exist.
    func note(_ notes: [HistoryNote]) throws

    /// Stores notifications that a replay composed from events which ended before, with the messages that send them,
    /// and adds a history note to each event. The events' windows stay as they are.
    ///
    /// A digest is skipped if one of its events does not exist any more, is not `processed` or `suppressed`, or was
    /// composed by the same replay before.
    ///
    /// - Parameter replay: the name of the replay.
    /// - Returns: the digests that were stored.
    func replay(_ digests: [ReplayedDigest], as replay: String) throws -> Set<NotificationID>
}

/// Removes rows.
public protocol RetentionTransaction {
    /// Erases the recipient's events, windows, notifications, dead letters and pending messages; producer ids stay
    /// known.
    ///
    /// - Parameter limit: the approximate maximum of rows of each kind to erase.
    /// - Returns: how many rows were erased; call again until it is 0.
    func erase(recipient: RecipientID, limit: Int) throws -> Int

    /// Removes rows that ended before `moment`, oldest first: windows with their events and history notes,
    /// notifications with their attempts.
    ///
    /// It keeps events in live windows, `pending` notifications, everything that a dead letter holds, and producer ids.
    ///
    /// - Parameter limit: the approximate maximum of rows to remove.
    /// - Returns: how many were removed; call again until it is 0.
    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int
}

/// The outcome of accepting an event.
public enum AppendOutcome: Hashable, Sendable {
    case stored
    /// It is stored, and it retracted this many events.
    case retracting(Int)
    /// The producer id is known; this is the event that has it.
    case duplicate(of: EventID)

    /// - Parameter retracted: how many events it retracted.
    public static func stored(retracting retracted: Int) -> AppendOutcome {
        retracted > 0 ? .retracting(retracted) : .stored
    }

    public var isStored: Bool {
        if case .duplicate = self { false } else { true }
    }
}
