/// Everything besides its events on which the text of a window depends.
public struct CompositionContext: Hashable, Sendable {
    /// Who will read it.
    public let recipient: RecipientID
    /// The recipient's settings.
    public let settings: RecipientDescription
    /// The name of the window in requests to services: the same however often the window is composed, and in whichever
    /// place it is stored.
    public let window: String
    /// The trace of the composition, as ``TraceContext`` writes it.
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

    /// The context of the window that begins with this event. The event identifies it, since it is in no other window.
    public init(of first: Event, settings: RecipientDescription, traceParent: String? = nil) {
        self.init(
            recipient: first.recipient, settings: settings, window: first.id.description, traceParent: traceParent)
    }
}

/// The result of composing a window's events.
public struct WindowComposition: Hashable, Sendable {
    /// The composition of the events that have no outcome of their own.
    public let composition: Composition
    /// The outcomes of the events that are left out.
    public let exceptions: [EventException]

    public init(_ composition: Composition, exceptions: [EventException] = []) {
        self.composition = composition
        self.exceptions = exceptions
    }
}

/// An event of a type that is defined at run time, with its values.
public struct ReadEvent: Hashable, Sendable {
    public let id: EventID
    /// The text of `data`, as the producer wrote it.
    public let data: String
    /// The values of the type's fields in `data`.
    public let values: PayloadValues

    public init(id: EventID, data: String, values: PayloadValues) {
        self.id = id
        self.data = data
        self.values = values
    }
}
