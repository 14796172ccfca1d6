/// What a replay composed, beside what had been.
public struct ReplayResult: Hashable, Sendable {
    /// Events that were composed anew.
    public internal(set) var events = 0
    /// Events left out since they are still waiting.
    public internal(set) var waiting = 0
    /// Events left out since they are dead; their dead letters can be redriven.
    public internal(set) var dead = 0
    /// Events left out since their type is not known any more.
    public internal(set) var unknown = 0
    /// Windows, and single events, as they had been bound.
    public internal(set) var windowsBefore = 0
    public internal(set) var windowsNow = 0
    /// Windows now that have the events of several before.
    public internal(set) var merged = 0
    /// Windows before whose events are in several now.
    public internal(set) var split = 0
    /// Windows of which a part lies outside of the period.
    public internal(set) var cut = 0
    public internal(set) var notificationsBefore = 0
    public internal(set) var notificationsNow = 0
    public internal(set) var suppressedNow = 0
    /// Notifications of the same events that read differently.
    public internal(set) var reworded = 0
    /// Windows that cannot be worded.
    public internal(set) var failed = 0
    /// Notifications that were handed to the queue.
    public internal(set) var enqueued = 0
    /// Notifications that the same replay had composed before, or whose events are gone.
    public internal(set) var passedOver = 0
}
