/// The notifications that the sandbox's gateway received, each key once; it keeps the newest.
public actor SandboxInbox {
    /// The outcomes of the requests so far.
    public struct Counts: Codable, Hashable, Sendable {
        /// Notifications with a new key.
        public var accepted = 0
        /// Requests that repeat a key that is still kept.
        public var duplicates = 0
        /// Requests that are not a notification.
        public var rejected = 0
    }

    public private(set) var counts = Counts()

    private let capacity: Int
    private var keys: Set<String> = []
    /// A ring buffer: once it is full, the next notification replaces the oldest.
    private var ring: [SandboxNotification] = []
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    /// The newest notifications, newest first.
    public func latest(_ limit: Int) -> [SandboxNotification] {
        (0..<min(max(limit, 0), ring.count)).map { age in
            ring[(next - 1 - age + ring.count) % ring.count]
        }
    }

    /// The newest notifications, with the counts of the same moment.
    func listing(_ limit: Int) -> (Counts, [SandboxNotification]) { (counts, latest(limit)) }

    func take(_ notification: SandboxNotification) {
        guard keys.insert(notification.id).inserted else {
            counts.duplicates += 1
            return
        }
        counts.accepted += 1
        if ring.count < capacity {
            ring.append(notification)
        } else {
            keys.remove(ring[next].id)
            ring[next] = notification
        }
        next = (next + 1) % capacity
    }

    func reject() { counts.rejected += 1 }
}
