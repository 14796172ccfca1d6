/// Lets one of many processes do what only one should do at a time.
///
/// It is held under a lease, so that it outlives no holder for long; who was stopped and goes on may still believe to
/// hold it. What must not be done twice carries the ``LockHold/fence`` along, or checks by a compare-and-set.
public protocol DistributedLock: Sendable {
    /// Takes the lock called `name` where it is free.
    /// - Returns: `nil` if someone else holds it.
    func acquire(_ name: String, lease: Duration) async throws -> LockHold?

    /// Prolongs the lease to `lease` from now.
    /// - Returns: whether it was still held; where it was not, someone else may hold it.
    func renew(_ hold: LockHold, lease: Duration) async throws -> Bool

    /// Frees the lock where `hold` still has it.
    func release(_ hold: LockHold) async throws
}

/// A lock that is held.
public struct LockHold: Hashable, Sendable {
    public let name: String
    /// Tells this holder from all others.
    public let token: String
    /// Grows with each time the lock is taken, whoever takes it.
    public let fence: Int64

    public init(name: String, token: String, fence: Int64) {
        self.name = name
        self.token = token
        self.fence = fence
    }
}
