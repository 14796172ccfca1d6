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
    /// By which rule it closes, that of its first event; `nil` if it is not kept, since no event joins it.
    public let rule: ClosingRule?

    /// The bytes of payloads at which a window closes at once: they are all in memory when it is digested.
    public static let mostBytes = 16 << 20

    public init(
        openedAt: Timestamp, closesAt: Timestamp, events: Int, bytes: Int, leader: EventID? = nil,
        rule: ClosingRule? = nil
    ) {
        self.openedAt = openedAt
        self.closesAt = closesAt
        self.events = events
        self.bytes = bytes
        self.leader = leader
        self.rule = rule
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
            leader: isLeading ? event : nil, rule: .policy(policy))
        if !isLeading { state.admit(bytes: bytes, at: now, rule: .policy(policy)) }
        return (state, isLeading ? .leading : .waiting)
    }

    /// Opens a window for its first event.
    /// - Parameters:
    ///   - bytes: those of the event's payload.
    ///   - zone: the zone that the recipient named, if any.
    public static func open(
        with event: EventID, bytes: Int, at now: Timestamp, rule: ClosingRule, in zone: String?
    ) -> (WindowState, Admission) {
        switch rule {
        case .policy(let policy): open(with: event, bytes: bytes, at: now, policy: policy)
        case .schedule(let schedule):
            (open(bytes: bytes, at: now, schedule: schedule, until: schedule.next(after: now, in: zone)), .waiting)
        }
    }

    /// Opens a window that closes at a time of day.
    /// - Parameter closesAt: the first occurrence after now.
    static func open(
        bytes: Int, at now: Timestamp, schedule: DeliverySchedule, until closesAt: Timestamp
    ) -> WindowState {
        var state = WindowState(openedAt: now, closesAt: closesAt, events: 0, bytes: 0, rule: .schedule(schedule))
        state.admit(bytes: bytes, at: now, rule: .schedule(schedule))
        return state
    }

    /// Takes one more event into the open window.
    ///
    /// - Parameters:
    ///   - bytes: those of its payload.
    ///   - rule: the event's, which counts if the window's is not known.
    public mutating func admit(bytes: Int, at now: Timestamp, rule: ClosingRule) {
        events += 1
        self.bytes = self.bytes.addingClamped(bytes)
        let rule = self.rule ?? rule
        if case .policy(let policy) = rule, policy.mode == .sliding {
            closesAt = min(now + policy.length, openedAt + policy.longest)
        }
        if isFull(rule) { closesAt = min(closesAt, now) }
    }

    private func isFull(_ rule: ClosingRule) -> Bool { events >= rule.maxEvents || bytes >= Self.mostBytes }

    /// The same window with another end or number of events.
    public func with(closesAt: Timestamp? = nil, events: Int? = nil, bytes: Int? = nil) -> WindowState {
        WindowState(
            openedAt: openedAt, closesAt: closesAt ?? self.closesAt, events: events ?? self.events,
            bytes: bytes ?? self.bytes, leader: leader, rule: rule)
    }

    /// The same window, moved so that it opened by `now`; one that closes at a time of day at its first occurrence then.
    /// - Parameter zone: the zone that the recipient named, if any.
    public func opened(by now: Timestamp, in zone: String?) -> WindowState {
        let ahead = max(.zero, openedAt - now)
        guard ahead > .zero else { return self }
        let moved = WindowState(
            openedAt: openedAt - ahead, closesAt: closesAt - ahead, events: events, bytes: bytes, leader: leader,
            rule: rule)
        // One that is full does not wait for the time of day.
        guard let rule, !isFull(rule), let closesAt = moved.retimed(in: zone) else { return moved }
        return moved.with(closesAt: closesAt)
    }

    /// When it closes by the clocks of a zone: the first time of day after it opened. `nil` if it goes by none.
    public func retimed(in zone: String?) -> Timestamp? { rule?.schedule?.next(after: openedAt, in: zone) }

    /// Whether the window takes no more events at `now`.
    public func isDue(at now: Timestamp) -> Bool { closesAt <= now }
}
