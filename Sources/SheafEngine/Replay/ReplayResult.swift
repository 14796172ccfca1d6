/// What a replay composed, compared with before.
public struct ReplayResult: Hashable, Sendable {
    /// Events that were composed again.
    public internal(set) var events = 0
    /// Events skipped because they still wait.
    public internal(set) var waiting = 0
    /// Events skipped because they are dead; their dead letters can be redriven.
    public internal(set) var dead = 0
    /// Events skipped because their type is unknown by now.
    public internal(set) var unknown = 0
    /// Windows, and single events, as they had been digested.
    public internal(set) var windowsBefore = 0
    public internal(set) var windowsNow = 0
    /// Windows that combine the events of several former ones.
    public internal(set) var merged = 0
    /// Former windows whose events are in several windows now.
    public internal(set) var split = 0
    /// Windows that lie partly outside the period.
    public internal(set) var cut = 0
    public internal(set) var notificationsBefore = 0
    public internal(set) var notificationsNow = 0
    public internal(set) var suppressedNow = 0
    /// Notifications of the same events whose text differs.
    public internal(set) var reworded = 0
    /// Windows that cannot be composed.
    public internal(set) var failed = 0
    /// Notifications that were sent to the queue.
    public internal(set) var enqueued = 0
    /// Notifications that the same replay had composed before, or whose events no longer exist.
    public internal(set) var passedOver = 0
}
