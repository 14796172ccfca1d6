import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Composed handlers", .timeLimit(.minutes(1)))
struct CompositionTests {
    private let clock = TestClock()
    private let givenUp = GivenUp()

    private func composed(_ base: RecordingHandler, batch: Int = 500) -> some Handler<Int> {
        base.composed(
            operation: "test", batch: batch, retry: RetryPolicy(maxAttempts: 3, base: .seconds(1), cap: .seconds(1)),
            clock: clock
        ) { [givenUp] message, _ in givenUp.add(message) }
    }

    @Test("Large batches are split, in order", arguments: [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3)])
    func pieces(count: Int, calls: Int) async throws {
        let base = RecordingHandler()
        try await ChunkedHandler(base, limit: 10).handle(Array(0..<count))
        #expect(base.calls.count == calls)
        #expect(base.calls.allSatisfy { $0.count <= 10 })
        #expect(base.handled == Array(0..<count))
    }

    @Test("The first piece that fails ends the call")
    func failingPiece() async {
        let base = RecordingHandler { messages, _ in messages.contains(4) ? Failures.infrastructure : nil }
        let error = await failure(of: { try await ChunkedHandler(base, limit: 2).handle(Array(1...8)) })
        #expect(error as? SheafError == Failures.infrastructure)
        #expect(base.calls == [[1, 2], [3, 4]])
    }

    @Test("A limit below one counts as one")
    func leastLimit() async throws {
        let base = RecordingHandler()
        try await ChunkedHandler(base, limit: 0).handle([1, 2])
        #expect(base.calls == [[1], [2]])
    }

    @Test("One bad message among 500 costs the others only a few calls", arguments: [0, 250, 499])
    func oneBad(bad: Int) async throws {
        let base = RecordingHandler { messages, _ in messages.contains(bad) ? Failures.permanent : nil }
        try await composed(base).handle(Array(0..<500))
        #expect(givenUp.messages == [bad])
        #expect(base.handled == (0..<500).filter { $0 != bad })
        // Each of the nine divisions takes two calls.
        #expect(base.calls.count <= 1 + 2 * 9)
    }

    @Test("A message is tried as often as allowed before it is dead-lettered")
    func retriedBeforeGivenUp() async throws {
        let base = RecordingHandler { messages, _ in messages.contains(2) ? Failures.transient : nil }
        async let done: Void = composed(base).handle([1, 2, 3])
        for _ in 1...2 {
            await clock.waitForSleepers(1)
            #expect(givenUp.messages.isEmpty)
            clock.advance(by: .seconds(1))
        }
        try await done
        #expect(base.calls.filter { $0 == [2] }.count == 3)
        #expect(givenUp.messages == [2])
        #expect(base.handled == [1, 3])
    }

    @Test("A message that succeeds on a retry is not dead-lettered")
    func recovers() async throws {
        let base = RecordingHandler { messages, call in messages.contains(2) && call < 4 ? Failures.transient : nil }
        async let done: Void = composed(base).handle([1, 2])
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        try await done
        #expect(givenUp.messages.isEmpty)
        #expect(base.handled == [1, 2])
    }

    @Test("An infrastructure failure passes through all decorators")
    func infrastructure() async {
        let base = RecordingHandler { _, _ in Failures.infrastructure }
        let error = await failure(of: { try await composed(base).handle(Array(1...600)) })
        #expect(error as? SheafError == Failures.infrastructure)
        #expect(base.calls.count == 1)
        #expect(givenUp.messages.isEmpty)
    }

    @Test("A cancellation passes through all decorators")
    func cancellation() async {
        let base = RecordingHandler { _, _ in Failures.transient }
        let task = Task { [handler = composed(base)] in try await handler.handle([7]) }
        await clock.waitForSleepers(1)
        task.cancel()
        let error = await failure(of: { try await task.value })
        #expect(error is CancellationError)
        #expect(givenUp.messages.isEmpty)
    }
}
