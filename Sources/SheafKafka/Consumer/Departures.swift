import Synchronization

/// Consumers that were released, and still commit and leave their group. A consumer that joins after them gets their
/// partitions at once, and none of the records that they had finished.
final class Departures: Sendable {
    private let leaving = Mutex<[Task<Void, Never>]>([])

    func add(_ consumer: Task<Void, Never>) { leaving.withLock { $0.append(consumer) } }

    /// Waits for the consumers that are leaving now.
    func wait() async {
        let consumers = leaving.withLock { leaving in
            defer { leaving = [] }
            return leaving
        }
        for consumer in consumers { await consumer.value }
    }
}
