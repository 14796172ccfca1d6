import SheafCore
import SheafMemory
import Synchronization

/// A queue in memory that is slow or down when asked to.
final class FlakyQueue: MessageQueue {
    private struct State {
        var attempts = 0
        var published: [QueueMessage] = []
        var isDown = false
        var isHeldBack = false
    }

    let gate = WakeUp()
    private let base: MemoryQueue
    private let state = Mutex(State())

    init(clock: any TimeSource) { base = MemoryQueue(clock: clock) }

    var attempts: Int { state.withLock { $0.attempts } }
    var published: [QueueMessage] { state.withLock { $0.published } }

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }
    func holdBack() { state.withLock { $0.isHeldBack = true } }

    func publish(_ messages: [QueueMessage]) async throws {
        let (isDown, isHeldBack) = state.withLock { state in
            state.attempts += 1
            return (state.isDown, state.isHeldBack)
        }
        if isHeldBack { await gate.wait(after: 0) }
        if isDown { throw Failures.infrastructure }
        try await base.publish(messages)
        state.withLock { $0.published += messages }
    }

    func consumer(of topic: Topic) async throws -> any QueueConsumer { try await base.consumer(of: topic) }

    func progress(of topic: Topic) async throws -> [PartitionProgress] {
        if state.withLock({ $0.isDown }) { throw Failures.infrastructure }
        return try await base.progress(of: topic)
    }
}
