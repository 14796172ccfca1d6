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

    /// What became of an event that came for a key.
    public enum Outcome: Hashable, Sendable {
        /// It joined the window.
        case joined
        /// It opened a window, in which it waits.
        case opened
        /// It opened a window and is notified at once.
        case leading
    }

    /// Admits an event to the open window of its key, or opens one if there is none that takes it. This is the only
    /// rule by which two events become one window.
    ///
    /// - Parameters:
    ///   - open: the latest window of the key; `nil` if there is none.
    ///   - bytes: the size of the event's payload.
    ///   - next: the first occurrence of the schedule after `now`.
    public static func admit(
        _ event: EventID, bytes: Int, to open: WindowState?, at now: Timestamp, rule: ClosingRule,
        next: (DeliverySchedule) -> Timestamp
    ) -> (state: WindowState, outcome: Outcome) {
        if var state = open, !state.isDue(at: now) {
            state.admit(bytes: bytes, at: now, rule: rule)
            return (state, .joined)
        }
        let (closesAt, isLeading) =
            switch rule {
            case .policy(let policy): (now + min(policy.length, policy.longest), policy.mode == .leading)
            case .schedule(let schedule): (next(schedule), false)
            }
        var state = WindowState(
            openedAt: now, closesAt: closesAt, events: 0, bytes: 0, leader: isLeading ? event : nil, rule: rule)
        if !isLeading { state.admit(bytes: bytes, at: now, rule: rule) }
        return (state, isLeading ? .leading : .opened)
    }

    /// - Parameter rule: the event's rule, used if the window's is unknown.
    private mutating func admit(bytes: Int, at now: Timestamp, rule: ClosingRule) {
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
