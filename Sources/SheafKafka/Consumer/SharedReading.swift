import SheafCore
import Synchronization

/// The reading of one session, shared by the polling thread and the workers.
final class SharedReading: Sendable {
    private struct State {
        var reading = Reading()
        var failure: SheafError?
        var isStopping = false
    }

    /// How many records wait here before no more are taken from the library.
    private static let capacity = 4000
    private static let byteCapacity = 8 << 20
    /// How long workers get to finish records of a revoked partition, so that few are handled twice.
    private static let drainTime = Duration.milliseconds(500)

    private let state = Mutex(State())
    private let changes = WakeUp()

    // MARK: For workers

    /// - Throws: the error that ended the session.
    func receive(limit: Int) async throws -> [ReceivedRecord] {
        while true {
            try Task.checkCancellation()
            let generation = changes.generation
            let (batch, failure) = state.withLock { state in
                (state.reading.take(limit: max(1, limit)), state.isStopping ? Self.closed : state.failure)
            }
            if !batch.isEmpty { return batch }
            if let failure { throw failure }
            await changes.wait(after: generation)
        }
    }

    func finish(_ places: [Place]) { state.withLock { $0.reading.finish(places) } }

    func finish(through offsets: [TopicPartition: Int64]) { state.withLock { $0.reading.finish(through: offsets) } }

    func nack(_ places: [Place]) {
        if state.withLock({ $0.reading.nack(places) }) { changes.notify() }
    }

    /// The error that ended the session.
    var failure: SheafError? { state.withLock { $0.failure } }

    var assigned: Set<TopicPartition> { state.withLock { $0.reading.assigned } }

    /// Asks the polling thread to end.
    func stop() {
        state.withLock { $0.isStopping = true }
        changes.notify()
    }

    static var closed: SheafError { SheafError(.unavailable, "the consumer is closed") }

    // MARK: For the polling thread

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Whether the workers are behind.
    var isFull: Bool {
        state.withLock { state in
            state.reading.waiting >= Self.capacity || state.reading.waitingBytes >= Self.byteCapacity
        }
    }

    func arrive(_ records: [SourceRecord]) {
        guard !records.isEmpty else { return }
        if state.withLock({ $0.reading.arrive(records) }) {
            changes.notify()
        } else {
            fail(SheafError(.unavailable, "a partition of Kafka went back to an earlier offset"))
        }
    }

    func assign(_ partitions: [TopicPartition]) { state.withLock { $0.reading.assign(partitions) } }

    /// Stops reading partitions. Unless they are `lost`, waits a limited time for records in flight; blocks.
    /// - Returns: the offsets to commit for them.
    func revoke(
        _ partitions: [TopicPartition], lost: Bool, sleep: (Duration) -> Void
    ) -> [TopicPartition: Int64] {
        state.withLock { $0.reading.beginRevoking(partitions) }
        let deadline = ContinuousClock.now + (lost ? .zero : Self.drainTime)
        while state.withLock({ $0.reading.inHand(of: partitions) }) > 0, ContinuousClock.now < deadline {
            sleep(.milliseconds(5))
        }
        return state.withLock { $0.reading.revoke(partitions) }
    }

    /// The offsets to commit, if there are enough or `isTime`.
    func takeCommits(atLeast count: Int, orWhere isTime: Bool) -> [TopicPartition: Int64] {
        state.withLock { state in
            isTime || state.reading.finishedSinceCommit >= count ? state.reading.takeCommits() : [:]
        }
    }

    func commitFailed(_ partitions: [TopicPartition]) { state.withLock { $0.reading.commitFailed(partitions) } }

    func fail(_ error: SheafError) {
        state.withLock { state in state.failure = state.failure ?? error }
        changes.notify()
    }
}
