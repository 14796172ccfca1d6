/// How far in the future something can be due.
public struct DueLimits: Hashable, Sendable {
    /// The longest wait of a window whose service fails.
    public let serviceWait: Duration
    /// The longest lease of a claim.
    public let lease: Duration
    /// The longest lease of a lock.
    public let lock: Duration

    public init(serviceWait: Duration, lease: Duration, lock: Duration = .seconds(60)) {
        self.serviceWait = serviceWait
        self.lease = lease
        self.lock = lock
    }
}
