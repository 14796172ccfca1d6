import Synchronization

/// Whether the server is about to end: it is no longer ready, and makes its clients reconnect elsewhere.
final class Draining: Sendable {
    private let flag = Atomic<Bool>(false)

    var hasBegun: Bool { flag.load(ordering: .acquiring) }

    func begin() { flag.store(true, ordering: .releasing) }
}
