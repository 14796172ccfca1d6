/// The database: the truth about events, notifications and what is still to be done.
public protocol EventStore: StoreReader {
    /// Runs `body` in one transaction: all of it is durable when this returns, or none of it where it throws.
    ///
    /// The body is synchronous and runs on the connection's own thread, so nothing can suspend or be cancelled between
    /// its statements. It may be run again where the driver has to retry, and must have no effect outside.
    ///
    /// - Parameter name: what it does, for metrics.
    /// - Throws: what `body` throws; ``SheafError`` `unavailable` or `storage` where the database fails.
    func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result

    /// A consumer of the outbox' messages of `topic`: for the relay, or for handlers where the outbox is the queue.
    /// At most one consumer of a topic exists in a process; several tasks may share it.
    func outboxConsumer(of topic: Topic) async throws -> any QueueConsumer

    /// Brings the schema up to date; safe to run twice or at once.
    func migrate() async throws

    /// How far the schema is, found without changing anything.
    /// - Throws: ``SheafError`` `storage` where a newer program made it.
    func schema() async throws -> SchemaState

    /// Closes the database once running transactions have ended.
    func close() async
}

/// Everything that changes the store. It is lent to a closure, cannot leave it, and publishing needs it: a message
/// and the state it speaks of are durable together or not at all.
public protocol Transaction {
    /// The moment of this transaction; all its rows carry the same.
    var now: Timestamp { get }

    /// Stores events, each unless its producer's identifier is known from its source.
    /// - Returns: an outcome for each event, in their order.
    func append(_ events: [Event]) throws -> [AppendOutcome]

    /// Writes messages to the outbox.
    func publish(_ messages: [QueueMessage]) throws

    /// Ends the bindings' events, each by a compare-and-set from `new`, and stores bindings and notifications.
    /// - Throws: ``BindingConflict`` where an event of theirs is not `new` any more; the transaction must then end.
    func bind(_ bindings: [Binding]) throws

    /// Marks events that are `new` as dead.
    /// - Returns: those that were `new`.
    func markDead(_ events: [EventID], reason: String) throws -> [EventID]

    /// Notes attempts at delivery, and their result with notifications that are `pending`.
    /// - Returns: the notifications among them that there are; what was erased meanwhile is passed over.
    @discardableResult
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID>

    /// Notes steps of events and notifications; what there is not any more is passed over.
    func note(_ notes: [HistoryNote]) throws

    /// Stores notifications that a replay composed of events which ended before, and notes it with each event.
    ///
    /// A binding is passed over where one of its events is not there any more, has not ended by being bound, or was
    /// composed anew by the same replay before.
    ///
    /// - Parameter replay: the name of the replay.
    /// - Returns: the bindings that were stored.
    func replay(_ bindings: [Binding], as replay: String) throws -> Set<NotificationID>

    func insert(_ deadLetters: [DeadLetter]) throws

    /// Removes dead letters, and brings the events and notifications they hold back to life.
    /// - Parameter ids: which, or `nil` for the oldest.
    /// - Returns: those removed, at most `limit`; one that cannot be published anew stays.
    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter]

    /// Marks a recipient's notifications as read.
    /// - Parameter id: which, or `nil` for all.
    /// - Returns: whether there was one.
    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool

    /// Erases the recipient's events, notifications, dead letters and pending messages; producers' identifiers stay
    /// known.
    ///
    /// - Parameter limit: about the most rows of each kind to erase.
    /// - Returns: how many rows were erased; there may be more unless there were none.
    func erase(recipient: RecipientID, limit: Int) throws -> Int

    /// Removes what ended before `moment`, the oldest first: of events also their bindings and all that is told of
    /// them, of notifications also their attempts.
    ///
    /// An event that is `new`, a notification that is `pending` and what a dead letter holds stay, and so do producers'
    /// identifiers.
    ///
    /// - Parameter limit: about the most rows to remove.
    /// - Returns: how many were removed; there may be more unless there were none.
    func prune(_ kind: RetainedKind, before moment: Timestamp, limit: Int) throws -> Int
}

/// What became of an event that was to be appended.
public enum AppendOutcome: Hashable, Sendable {
    case stored
    /// The producer's identifier is known; this event holds it.
    case duplicate(of: EventID)
}

/// Some bindings' events were ended by someone else.
public struct BindingConflict: ClassifiedError, Hashable {
    public let bindings: [NotificationID]
    public var kind: FailureKind { .transient }

    public init(bindings: [NotificationID]) { self.bindings = bindings }
}
