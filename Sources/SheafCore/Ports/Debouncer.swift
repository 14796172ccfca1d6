/// Windows outside the store: which events wait together, until when, and who is digesting a closed one.
///
/// It holds identifiers only and may lose all of them: the store knows which events have no window yet. Its windows run
/// on its own clock, so answers are durations, not moments to compare with another clock.
public protocol Debouncer: Sendable {
    /// Lets events wait in the windows of their keys, opening those that are missing. All windows touched see the same
    /// moment. An event that already waits is left where it is.
    /// - Returns: an admission for each entry, in their order.
    func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission]

    /// Claims windows that are due, longest due first, under a lease; those whose lease ran out are claimed anew.
    ///
    /// - Parameters:
    ///   - windows: the most windows to claim.
    ///   - events: no further window is claimed once this many events are.
    func claim(windows: Int, events: Int, lease: Duration) async throws -> ClaimBatch<WindowClaim>

    /// Ends claims whose events are digested. A claim that is not held any more is skipped.
    func acknowledge(_ claims: [WindowClaim]) async throws

    /// Lets claimed windows wait for another attempt.
    /// - Parameter delay: how long, by window.
    func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws

    /// Prolongs leases.
    /// - Returns: the windows whose claims are still held.
    func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID>

    /// Makes the open window of `key` due now.
    /// - Returns: whether there was one.
    func flush(_ key: WindowKey) async throws -> Bool

    /// Open windows in the order they were opened, after `cursor`.
    func openWindows(after cursor: WindowID?, limit: Int) async throws -> OpenWindowPage

    /// The window of `key` that holds `event`: the open one, or one that is being digested.
    func window(of event: EventID, key: WindowKey) async throws -> OpenWindow?

    /// The window that takes events of `key`; also one that is due, which takes none any more.
    func openWindow(of key: WindowKey) async throws -> OpenWindow?

    /// Those of `entries` that wait in no window, open or claimed.
    func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry]

    /// Moves forward what is ready later than the clock of now allows, since it was written while the clock was ahead: a
    /// window that opened in the future opens now, and no claim is held longer than `lease`.
    /// - Returns: how many windows were moved.
    func boundDues(lease: Duration) async throws -> Int

    /// Forgets the recipient's windows.
    func erase(recipient: RecipientID) async throws
}

/// An event that is to wait.
public struct DebounceEntry: Hashable, Sendable {
    public let event: EventID
    /// How many bytes its payload has.
    public let bytes: Int
    public let key: WindowKey
    public let policy: WindowPolicy

    public init(event: EventID, bytes: Int, key: WindowKey, policy: WindowPolicy) {
        self.event = event
        self.bytes = bytes
        self.key = key
        self.policy = policy
    }

    /// The event as it is to wait under `policy`.
    public init(_ event: Event, _ policy: WindowPolicy) {
        self.init(event: event.id, bytes: event.payloadBytes, key: event.windowKey, policy: policy)
    }
}

/// What an event met with.
public struct DebounceAdmission: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// It opened the window it waits in.
        case opened
        /// It waits in a window that was open.
        case joined
        /// It opened a window and is to be spoken of at once; also where it is added again.
        case leading
        /// It waited already.
        case known
    }

    public let outcome: Outcome
    /// How long until the window closes, as things stand; zero if it is due.
    public let dueIn: Duration

    public init(outcome: Outcome, dueIn: Duration) {
        self.outcome = outcome
        self.dueIn = dueIn
    }
}

/// A closed window taken by one worker.
public struct WindowClaim: Hashable, Sendable {
    public let id: WindowID
    /// Tells this claim from those before and after it.
    public let token: Int64
    public let window: ClosedWindow
    /// The events that waited, oldest first; none in a leading window that nothing followed.
    public let events: [EventID]
    /// At most these many bytes of payloads.
    public let bytes: Int
    /// How often it was claimed, this time included.
    public let attempt: Int
    /// How long it had been due when it was claimed.
    public let lateness: Duration

    public init(
        id: WindowID, token: Int64, window: ClosedWindow, events: [EventID], bytes: Int, attempt: Int,
        lateness: Duration
    ) {
        self.id = id
        self.token = token
        self.window = window
        self.events = events
        self.bytes = bytes
        self.attempt = attempt
        self.lateness = lateness
    }
}
