/// The windows that live in the store, from falling due to their digest.
///
/// Events join them in ``EventTransaction/accept(_:)``, and they end in ``EventTransaction/digest(_:)``. No event joins a
/// claimed window. Any other change to it changes its revision, and a digest of an older revision is refused.
public protocol WindowStore: Sendable {
    /// Claims due windows, longest due first, under a lease, and reads their events. Windows whose lease has expired
    /// are claimed again.
    func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow>

    /// Extends leases.
    /// - Returns: the windows whose claims are still held.
    func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID>

    /// Hands claimed windows back: they are due again at once, and the attempt does not count.
    func nack(_ claims: [ClaimedWindow]) async throws

    /// Makes claimed windows wait. If a window of the same key already waits, the younger window's events move into it,
    /// up to the postponement's ``Postponement/maxEvents``; this does not change when its wait ends. A claim that is
    /// not held any more is skipped.
    func postpone(_ postponements: [Postponement]) async throws

    /// Makes the open window of `key` due now, and ends the wait of the key's windows for a service.
    /// - Returns: whether there was one.
    func flush(_ key: WindowKey) async throws -> Bool

    /// Windows that have not ended, after `cursor`, in the order in which they were opened. Includes windows of single
    /// events only while they wait.
    func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage

    /// Signalled when a window may be due earlier than the last ``claim(_:lease:)`` reported. Only changes of this
    /// process are sure to signal it.
    var windowsChanged: WakeUp { get }
}

/// The limits of a claim.
public struct ClaimLimits: Hashable, Sendable {
    /// The maximum windows to claim.
    public let windows: Int
    /// No further window is claimed once the claimed ones have this many events.
    public let events: Int
    /// No further window is claimed once the payloads of the claimed ones have this many bytes.
    public let bytes: Int
    /// Types whose windows are not claimed.
    public let excluding: Set<EventTypeCode>
    /// The declared types that the worker knows; windows of other declared types are left to other workers. `nil` if it
    /// takes all.
    public let declared: Set<EventTypeCode>?

    public init(
        windows: Int, events: Int, bytes: Int = .max, excluding: Set<EventTypeCode> = [],
        declared: Set<EventTypeCode>? = nil
    ) {
        self.windows = windows
        self.events = events
        self.bytes = bytes
        self.excluding = excluding
        self.declared = declared
    }

    /// Whether windows of the type may be claimed.
    public func allows(_ type: EventTypeCode) -> Bool {
        !excluding.contains(type) && (type < EventType.firstDeclaredCode || declared?.contains(type) ?? true)
    }
}

/// The claimed windows, and how long until there is more to claim.
public struct ClaimBatch<Claim: Hashable & Sendable>: Hashable, Sendable {
    public let claims: [Claim]
    /// How long until the next window is due, zero if one is due now; `nil` if there is none.
    public let nextDueIn: Duration?

    public init(claims: [Claim], nextDueIn: Duration?) {
        self.claims = claims
        self.nextDueIn = nextDueIn
    }
}

/// A window of the store that one worker has claimed, with its events.
public struct ClaimedWindow: Hashable, Sendable {
    public let id: WindowID
    /// Distinguishes this claim from earlier and later claims of the window.
    public let token: Int64
    /// The window's revision when its events were read.
    public let revision: Int64
    public let window: WindowSpan
    /// Whether it is the window of a single immediate or leading event.
    public let isAlone: Bool
    /// Oldest first; empty for a leading window that no event followed.
    public let events: [Event]
    /// How often the window was claimed for digesting, this claim included.
    public let attempt: Int
    /// How long the window had been due when it was claimed.
    public let lateness: Duration

    public init(
        id: WindowID, token: Int64, revision: Int64, window: WindowSpan, isAlone: Bool, events: [Event],
        attempt: Int, lateness: Duration
    ) {
        self.id = id
        self.token = token
        self.revision = revision
        self.window = window
        self.isAlone = isAlone
        self.events = events
        self.attempt = attempt
        self.lateness = lateness
    }
}

/// A claimed window that must wait.
public struct Postponement: Hashable, Sendable {
    public let claim: ClaimedWindow
    public let delay: Duration
    public let reason: WaitReason
    /// The maximum number of events when windows of its key merge.
    public let maxEvents: Int

    public init(_ claim: ClaimedWindow, delay: Duration, reason: WaitReason, maxEvents: Int) {
        self.claim = claim
        self.delay = delay
        self.reason = reason
        self.maxEvents = maxEvents
    }
}
