import SheafCore
import Synchronization

/// A shared message log, which wakes waiting tasks when it changes.
final class MemoryTopic: Sendable {
    private let log: Mutex<MessageLog>
    private let changes = WakeUp()

    init(_ log: MessageLog = MessageLog()) { self.log = Mutex(log) }

    /// The current log.
    var snapshot: MessageLog { log.withLock { $0 } }

    /// Reads the log.
    func read<Result: Sendable>(_ body: (MessageLog) -> Result) -> Result { log.withLock { body($0) } }

    /// Changes the log and wakes waiting tasks.
    func change(_ body: (inout MessageLog) -> Void) {
        log.withLock { body(&$0) }
        changes.notify()
    }

    /// Removes messages from the log for good; nobody waits for this.
    func remove(_ sequences: [Int64]) {
        log.withLock { log in
            for sequence in sequences { log.remove(sequence) }
        }
    }

    /// Grows with each change.
    var generation: UInt64 { changes.generation }

    /// Waits for a change after `generation`, at most for `limit` if it is given.
    func wait(after generation: UInt64, atMost limit: Duration?, on clock: any TimeSource) async throws {
        try await changes.wait(after: generation, atMost: limit, on: clock)
    }
}
