/// Lets one of many processes do work that only one should do at a time.
///
/// It is held under a lease, so it outlives its holder only for a short time. A holder that was paused may still
/// believe that it holds the lock. Work that must not be done twice therefore carries the ``LockHold/fence``, or uses a
/// compare-and-set.
public protocol DistributedLock: Sendable {
    /// Takes the lock called `name` if it is free.
    /// - Returns: `nil` if someone else holds it.
    func acquire(_ name: String, lease: Duration) async throws -> LockHold?

    /// Extends the lease to `lease` from now.
    /// - Returns: whether it was still held; if not, someone else may hold it.
    func renew(_ hold: LockHold, lease: Duration) async throws -> Bool

    /// Frees the lock if `hold` still holds it.
    func release(_ hold: LockHold) async throws
}

/// A lock that is held.
public struct LockHold: Hashable, Sendable {
    public let name: String
    /// Distinguishes this holder from all others.
    public let token: String
    /// Grows each time anyone takes the lock.
    public let fence: Int64

    public init(name: String, token: String, fence: Int64) {
        self.name = name
        self.token = token
        self.fence = fence
    }
}
