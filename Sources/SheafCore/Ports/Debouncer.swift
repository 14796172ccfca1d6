/// Windows outside the store: which events wait together, until when, and who is digesting a closed window.
///
/// It holds only ids and may lose all of them: the store knows which events have no window yet. It runs on its own
/// clock, so it returns durations, not moments to compare with another clock.
public protocol Debouncer: Sendable {
    /// Adds events to the windows of their keys, and opens missing windows. All of them use the same moment. An event
    /// that already waits stays where it is.
    /// - Returns: an admission for each entry, in the same order.
    func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission]

    /// Claims windows that are due, longest due first, under a lease. Windows whose lease has expired are claimed
    /// again.
    ///
    /// - Parameters:
    ///   - windows: the maximum windows to claim.
    ///   - events: no further window is claimed once this many events are.
    func claim(windows: Int, events: Int, lease: Duration) async throws -> ClaimBatch<WindowClaim>

    /// Ends claims whose events are digested. A claim that is not held any more is skipped.
    func acknowledge(_ claims: [WindowClaim]) async throws

    /// Makes claimed windows wait for another attempt.
    /// - Parameter delay: how long each window waits.
    func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws

    /// Extends leases.
    /// - Returns: the windows whose claims are still held.
    func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID>

    /// Makes the open window of `key` due now.
    /// - Returns: whether there was one.
    func flush(_ key: WindowKey) async throws -> Bool

    /// Open windows after `cursor`, in the order in which they were opened.
    func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage

    /// The window of `key` that holds `event`: the open one, or one that is being digested.
    func window(of event: EventID, key: WindowKey) async throws -> LiveWindow?

    /// The window of `key` to which events were last added; it may be due, and then takes no more events.
    func openWindow(of key: WindowKey) async throws -> LiveWindow?

    /// The entries that wait in no window, open or claimed.
    func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry]

    /// Corrects due times that were written while the clock was ahead: a window that opened in the future opens now,
    /// and no claim is held longer than `lease` from now.
    /// - Returns: how many windows were corrected.
    func boundDues(lease: Duration) async throws -> Int

    /// Deletes the recipient's windows.
    func erase(recipient: RecipientID) async throws
}

/// An event that is to wait.
public struct DebounceEntry: Hashable, Sendable {
    public let event: EventID
    /// The size of its payload in bytes.
    public let bytes: Int
    public let key: WindowKey
    public let policy: WindowPolicy

    public init(event: EventID, bytes: Int, key: WindowKey, policy: WindowPolicy) {
        self.event = event
        self.bytes = bytes
        self.key = key
        self.policy = policy
    }

    /// The entry of an event that waits under `policy`.
    public init(_ event: Event, _ policy: WindowPolicy) {
        self.init(event: event.id, bytes: event.payloadBytes, key: event.windowKey, policy: policy)
    }
}

/// How an event was added.
public struct DebounceAdmission: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// It opened the window in which it waits.
        case opened
        /// It joined an open window.
        case joined
        /// It opened a window and is notified at once; also the result of adding it again.
        case leading
        /// It was already waiting.
        case known
    }

    public let outcome: Outcome
    /// How long until the window closes, as of now; zero if it is due.
    public let dueIn: Duration

    public init(outcome: Outcome, dueIn: Duration) {
        self.outcome = outcome
        self.dueIn = dueIn
    }
}

/// A closed window claimed by one worker.
public struct WindowClaim: Hashable, Sendable {
    public let id: WindowID
    /// Distinguishes this claim from earlier and later claims of the window.
    public let token: Int64
    public let window: WindowSpan
    /// The waiting events, oldest first; empty for a leading window that no event followed.
    public let events: [EventID]
    /// An upper bound for the bytes of the payloads.
    public let bytes: Int
    /// How often the window was claimed, this claim included.
    public let attempt: Int
    /// How long the window had been due when it was claimed.
    public let lateness: Duration

    public init(
        id: WindowID, token: Int64, window: WindowSpan, events: [EventID], bytes: Int, attempt: Int,
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
