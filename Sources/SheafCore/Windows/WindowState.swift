/// The life of one window as a value: opened by its first event, filled, and closed when due or full.
///
/// Drivers store it and carry out what it answers; it knows no clock. Redis' scripts mirror it, and the drivers'
/// conformance suite holds all of them to the same answers.
public struct WindowState: Hashable, Sendable {
    public let openedAt: Timestamp
    /// When it closes unless it is full earlier. Once closed it stays what it was.
    public private(set) var closesAt: Timestamp
    /// The events that wait in it; a leading event does not.
    public private(set) var events: Int
    /// At most these many bytes of payloads wait in it: what leaves a window is not taken off.
    public private(set) var bytes: Int
    /// The event that was spoken of at once when it opened the window.
    public let leader: EventID?

    /// The bytes of payloads at which a window closes at once: they are all in memory when it is digested.
    public static let mostBytes = 16 << 20

    public init(openedAt: Timestamp, closesAt: Timestamp, events: Int, bytes: Int, leader: EventID?) {
        self.openedAt = openedAt
        self.closesAt = closesAt
        self.events = events
        self.bytes = bytes
        self.leader = leader
    }

    /// What a new event meets with.
    public enum Admission: Hashable, Sendable {
        /// It waits in the window.
        case waiting
        /// It is to be spoken of at once.
        case leading
    }

    /// Opens a window for its first event.
    ///
    /// - Parameter bytes: those of the event's payload.
    public static func open(
        with event: EventID, bytes: Int, at now: Timestamp, policy: WindowPolicy
    ) -> (WindowState, Admission) {
        let isLeading = policy.mode == .leading
        var state = WindowState(
            openedAt: now, closesAt: now + min(policy.length, policy.longest), events: 0, bytes: 0,
            leader: isLeading ? event : nil)
        if !isLeading { state.admit(bytes: bytes, at: now, policy: policy) }
        return (state, isLeading ? .leading : .waiting)
    }

    /// Takes one more event into the open window.
    ///
    /// - Parameter bytes: those of its payload.
    public mutating func admit(bytes: Int, at now: Timestamp, policy: WindowPolicy) {
        events += 1
        self.bytes = self.bytes.addingClamped(bytes)
        if policy.mode == .sliding {
            closesAt = min(now + policy.length, openedAt + policy.longest)
        }
        if events >= policy.maxEvents || self.bytes >= Self.mostBytes { closesAt = min(closesAt, now) }
    }

    /// Whether the window takes no more events at `now`.
    public func isDue(at now: Timestamp) -> Bool { closesAt <= now }
}
