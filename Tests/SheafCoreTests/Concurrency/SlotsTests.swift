import SheafCore
import Synchronization
import Testing

@Suite("Slots", .timeLimit(.minutes(1)))
struct SlotsTests {
    private final class Tally: Sendable {
        private struct State {
            var inside = 0
            var most = 0
            var ended = 0
        }

        private let state = Mutex(State())

        var most: Int { state.withLock(\.most) }
        var ended: Int { state.withLock(\.ended) }

        func enter() {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
            }
        }

        func leave() {
            state.withLock { state in
                state.inside -= 1
                state.ended += 1
            }
        }
    }

    private let tally = Tally()

    @Test("At most as many run at once as there are slots, and all run in the end")
    func bound() async throws {
        let slots = Slots(3)
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask { [tally] in
                    try await slots.run {
                        tally.enter()
                        for _ in 0..<5 { await Task.yield() }
                        tally.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(tally.ended == 200)
        #expect(tally.most == 3)
    }

    @Test("A caller that is cancelled while it waits does not run, and takes no slot")
    func cancelled() async throws {
        let slots = Slots(1)
        let gate = WakeUp()
        let isHeld = WakeUp()
        let holder = Task {
            try await slots.run {
                isHeld.notify()
                await gate.wait(after: 0)
            }
        }
        await isHeld.wait(after: 0)
        let waiters = (0..<100).map { _ in
            Task { [tally] in
                try await slots.run {
                    tally.enter()
                    tally.leave()
                }
            }
        }
        for (index, waiter) in waiters.enumerated() where index.isMultiple(of: 2) { waiter.cancel() }
        for (index, waiter) in waiters.enumerated() where index.isMultiple(of: 2) {
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        gate.notify()
        try await holder.value
        for (index, waiter) in waiters.enumerated() where !index.isMultiple(of: 2) { try await waiter.value }
        #expect(tally.ended == 50)
    }

    @Test("A failure frees its slot")
    func failure() async throws {
        let slots = Slots(1)
        await #expect(throws: SheafError.self) { try await slots.run { throw SheafError(.unavailable, "") } }
        #expect(try await slots.run { 1 } == 1)
    }
}
