/// How far ahead of the present something can be due.
public struct DueLimits: Hashable, Sendable {
    /// The longest wait of a window whose service fails.
    public let serviceWait: Duration
    /// The longest lease of a claim.
    public let lease: Duration

    public init(serviceWait: Duration, lease: Duration) {
        self.serviceWait = serviceWait
        self.lease = lease
    }
}
