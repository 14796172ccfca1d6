import Synchronization

/// Whether the server is about to end: it is ready no more, and tells its clients to go elsewhere.
final class Draining: Sendable {
    private let flag = Atomic<Bool>(false)

    var hasBegun: Bool { flag.load(ordering: .acquiring) }

    func begin() { flag.store(true, ordering: .releasing) }
}
