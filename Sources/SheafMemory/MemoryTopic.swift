import SheafCore
import Synchronization

/// A message log that is shared, and tells those who wait when it changes.
final class MemoryTopic: Sendable {
    private let log: Mutex<MessageLog>
    private let changes = WakeUp()

    init(_ log: MessageLog = MessageLog()) { self.log = Mutex(log) }

    /// The log as it is.
    var snapshot: MessageLog { log.withLock { $0 } }

    /// Looks into the log.
    func read<Result: Sendable>(_ body: (MessageLog) -> Result) -> Result { log.withLock { body($0) } }

    /// Changes the log and wakes those who wait.
    func change(_ body: (inout MessageLog) -> Void) {
        log.withLock { body(&$0) }
        changes.notify()
    }

    /// Takes messages out of the log for good, which nobody waits for.
    func remove(_ sequences: [Int64]) {
        log.withLock { log in
            for sequence in sequences { log.remove(sequence) }
        }
    }

    /// Grows with each change.
    var generation: UInt64 { changes.generation }

    /// Waits for a change after `generation`, and not longer than `limit` if there is one.
    func wait(after generation: UInt64, atMost limit: Duration?, on clock: any TimeSource) async throws {
        try await changes.wait(after: generation, atMost: limit, on: clock)
    }
}
