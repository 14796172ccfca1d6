import Synchronization

/// Consumers that were let go, and take a moment to commit and leave their group. Who joins after them gets their
/// partitions at once, and nothing that they had finished.
final class Departures: Sendable {
    private let leaving = Mutex<[Task<Void, Never>]>([])

    func add(_ consumer: Task<Void, Never>) { leaving.withLock { $0.append(consumer) } }

    /// Waits for those who are leaving now.
    func wait() async {
        let consumers = leaving.withLock { leaving in
            defer { leaving = [] }
            return leaving
        }
        for consumer in consumers { await consumer.value }
    }
}
