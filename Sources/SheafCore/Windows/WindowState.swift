/// The life of one window as a value: opened by its first event, filled, and closed when due or full.
///
/// It knows no clock; drivers store it and act on its results. Redis's scripts mirror it, and the conformance suite
/// holds all drivers to the same results.
public struct WindowState: Hashable, Sendable {
    public let openedAt: Timestamp
    /// When it closes, unless it is full earlier. Once closed, this does not change.
    public private(set) var closesAt: Timestamp
    /// How many events wait in it; a leading event does not wait.
    public private(set) var events: Int
    /// An upper bound for the payload bytes in it: the bytes of removed events are not subtracted.
    public private(set) var bytes: Int
    /// The event that opened the window and was notified at once.
    public let leader: EventID?
    /// The rule by which it closes, that of its first event; `nil` if it is not stored, since no event joins the
    /// window.
    public let rule: ClosingRule?

    /// The payload bytes at which a window closes at once: a digest holds all of them in memory.
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

    /// How a new event is treated.
    public enum Admission: Hashable, Sendable {
        /// It waits in the window.
        case waiting
        /// It is notified at once.
        case leading
    }

    /// Opens a window for its first event.
    ///
    /// - Parameter bytes: the size of the event's payload.
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
    ///   - bytes: the size of the event's payload.
    ///   - zone: the recipient's time zone, if set.
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

    /// Adds an event to the open window.
    ///
    /// - Parameters:
    ///   - bytes: the size of its payload.
    ///   - rule: the event's rule, used if the window's is unknown.
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

    /// The same window with another closing time, or other numbers of events or bytes.
    public func with(closesAt: Timestamp? = nil, events: Int? = nil, bytes: Int? = nil) -> WindowState {
        WindowState(
            openedAt: openedAt, closesAt: closesAt ?? self.closesAt, events: events ?? self.events,
            bytes: bytes ?? self.bytes, leader: leader, rule: rule)
    }

    /// The same window, moved so that it opened no later than `now`. If it closes at a time of day, it closes at the
    /// first occurrence after that.
    /// - Parameter zone: the recipient's time zone, if set.
    public func opened(by now: Timestamp, in zone: String?) -> WindowState {
        let ahead = max(.zero, openedAt - now)
        guard ahead > .zero else { return self }
        let moved = WindowState(
            openedAt: openedAt - ahead, closesAt: closesAt - ahead, events: events, bytes: bytes, leader: leader,
            rule: rule)
        // A full window does not wait for the time of day.
        guard let rule, !isFull(rule), let closesAt = moved.retimed(in: zone) else { return moved }
        return moved.with(closesAt: closesAt)
    }

    /// When it closes in this time zone: the first time of day after it opened. `nil` if it has no schedule.
    public func retimed(in zone: String?) -> Timestamp? { rule?.schedule?.next(after: openedAt, in: zone) }

    /// Whether the window takes no more events at `now`.
    public func isDue(at now: Timestamp) -> Bool { closesAt <= now }
}
