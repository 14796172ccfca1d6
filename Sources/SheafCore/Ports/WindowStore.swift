/// The windows that live in the store, from being due to being digested.
///
/// Events join them in ``PathTransaction/accept(_:)``, and they end in ``PathTransaction/digest(_:)``. A claimed window
/// takes no events; whatever changes it all the same changes its revision, and the digest of an older one is refused.
public protocol WindowStore: Sendable {
    /// Claims windows that are due, longest due first, under a lease, and reads their events; claims windows again whose
    /// lease ran out.
    func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow>

    /// Extends leases.
    /// - Returns: the windows whose claims are still held.
    func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID>

    /// Hands claimed windows back: they are due again at once, and the attempt does not count.
    func nack(_ claims: [ClaimedWindow]) async throws

    /// Makes claimed windows wait. If a window of the same key waits already, the younger one's events move into it, up
    /// to the postponement's ``Postponement/maxEvents``; joining moves no wait. A claim that is not held is skipped.
    func postpone(_ postponements: [Postponement]) async throws

    /// Makes the open window of `key` due now, and ends its windows' wait for a service.
    /// - Returns: whether there was one.
    func flush(_ key: WindowKey) async throws -> Bool

    /// Windows that have not ended, in the order they were opened, after `cursor`. Windows of single events are among
    /// them only while they wait.
    func openWindows(after cursor: WindowID?, limit: Int) async throws -> OpenWindowPage

    /// Signalled when a window may be due earlier than the last ``claim(_:lease:)`` said. Only this process's changes
    /// are sure to signal it.
    var windowsChanged: WakeUp { get }
}

/// What bounds a claim.
public struct ClaimLimits: Hashable, Sendable {
    /// The most windows to claim.
    public let windows: Int
    /// No further window is claimed once this many events are.
    public let events: Int
    /// No further window is claimed once the payloads of those that are have this many bytes.
    public let bytes: Int
    /// Types whose windows are left alone.
    public let excluding: Set<EventTypeCode>
    /// The types declared in files that the worker knows. Windows of others are left to who knows them; `nil` if it takes
    /// any.
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

/// What was claimed, and how long there is nothing more to claim.
public struct ClaimBatch<Claim: Hashable & Sendable>: Hashable, Sendable {
    public let claims: [Claim]
    /// How long until the next window is due, zero if one is now; `nil` if there is none.
    public let nextDueIn: Duration?

    public init(claims: [Claim], nextDueIn: Duration?) {
        self.claims = claims
        self.nextDueIn = nextDueIn
    }
}

/// A window of the store that one worker has claimed, with its events.
public struct ClaimedWindow: Hashable, Sendable {
    public let id: WindowID
    /// Tells this claim from those before and after it.
    public let token: Int64
    /// The window's revision when its events were read.
    public let revision: Int64
    public let window: ClosedWindow
    /// Whether it is the window of a single immediate or leading event.
    public let isAlone: Bool
    /// Oldest first; none in a leading window that nothing followed.
    public let events: [Event]
    /// How often it was claimed to be digested, this time included.
    public let attempt: Int
    /// How long it had been due when it was claimed.
    public let lateness: Duration

    public init(
        id: WindowID, token: Int64, revision: Int64, window: ClosedWindow, isAlone: Bool, events: [Event],
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

/// A claimed window that has to wait.
public struct Postponement: Hashable, Sendable {
    public let claim: ClaimedWindow
    public let delay: Duration
    public let reason: WaitReason
    /// The most events that windows of its key may hold when they merge.
    public let maxEvents: Int

    public init(_ claim: ClaimedWindow, delay: Duration, reason: WaitReason, maxEvents: Int) {
        self.claim = claim
        self.delay = delay
        self.reason = reason
        self.maxEvents = maxEvents
    }
}
