/// What the words of a window depend on beside its events.
public struct CompositionContext: Hashable, Sendable {
    /// Who will read it.
    public let recipient: RecipientID
    /// What the recipient said of how they want to be told.
    public let settings: RecipientDescription
    /// Names the window to services that are asked about it: the same however often it is composed, and wherever it is
    /// kept.
    public let window: String
    /// The trace that it is composed in, as ``TraceContext`` writes it.
    public let traceParent: String?

    public init(
        recipient: RecipientID, settings: RecipientDescription = RecipientDescription(), window: String,
        traceParent: String? = nil
    ) {
        self.recipient = recipient
        self.settings = settings
        self.window = window
        self.traceParent = traceParent
    }

    /// Of the window that begins with this event, by which it is known: an event is in no other window.
    public init(of first: Event, settings: RecipientDescription, traceParent: String? = nil) {
        self.init(
            recipient: first.recipient, settings: settings, window: first.id.description, traceParent: traceParent)
    }
}

/// What was made of a window's events.
public struct WindowComposition: Hashable, Sendable {
    /// What is told of those that have no outcome of their own.
    public let composition: Composition
    /// The outcomes of events that are left out of it.
    public let exceptions: [EventException]

    public init(_ composition: Composition, exceptions: [EventException] = []) {
        self.composition = composition
        self.exceptions = exceptions
    }
}

/// An event of a type that is defined when the program runs, read.
public struct ReadEvent: Hashable, Sendable {
    public let id: EventID
    /// The text of `data`, as the producer wrote it.
    public let data: String
    /// What `data` holds of the type's fields.
    public let values: PayloadValues

    public init(id: EventID, data: String, values: PayloadValues) {
        self.id = id
        self.data = data
        self.values = values
    }
}
