import SheafCore
import Testing

@testable import SheafEngine

@Suite("IsolatingHandler")
struct IsolatingHandlerTests {
    private let givenUp = GivenUp()

    private func isolating(_ base: RecordingHandler) -> IsolatingHandler<RecordingHandler> {
        IsolatingHandler(base) { [givenUp] message, _ in givenUp.add(message) }
    }

    @Test("A batch that succeeds is handled by one call")
    func success() async throws {
        let base = RecordingHandler()
        try await isolating(base).handle(Array(1...8))
        #expect(base.calls == [Array(1...8)])
        #expect(givenUp.messages.isEmpty)
    }

    @Test("Only the bad message is dead-lettered, whatever its position", arguments: 1...9)
    func oneBad(bad: Int) async throws {
        let base = RecordingHandler { messages, _ in messages.contains(bad) ? Failures.permanent : nil }
        try await isolating(base).handle(Array(1...9))
        #expect(givenUp.messages == [bad])
        #expect(base.handled == (1...9).filter { $0 != bad })
    }

    @Test("Several bad messages are dead-lettered, each with its own error")
    func severalBad() async throws {
        let base = RecordingHandler { messages, _ in messages.contains { $0.isMultiple(of: 3) } ? UnknownFailure() : nil
        }
        try await isolating(base).handle(Array(1...10))
        #expect(givenUp.messages == [3, 6, 9])
        #expect(base.handled == [1, 2, 4, 5, 7, 8, 10])
    }

    @Test("An infrastructure failure is thrown, and nothing is dead-lettered")
    func infrastructure() async throws {
        let base = RecordingHandler { _, _ in Failures.infrastructure }
        let error = await failure(of: { try await isolating(base).handle([1, 2, 3]) })
        #expect(error as? SheafError == Failures.infrastructure)
        #expect(base.calls == [[1, 2, 3]])
        #expect(givenUp.messages.isEmpty)
    }

    @Test("An infrastructure failure during division is thrown, and nothing more is dead-lettered")
    func infrastructureWhileDividing() async throws {
        let base = RecordingHandler { messages, call in
            if call > 3 { return Failures.infrastructure }
            return messages.contains(1) ? Failures.permanent : nil
        }
        let error = await failure(of: { try await isolating(base).handle([1, 2, 3, 4]) })
        #expect(error as? SheafError == Failures.infrastructure)
        // The whole batch, its first half, the first message; the second message then met the failure.
        #expect(base.calls == [[1, 2, 3, 4], [1, 2], [1], [2]])
        #expect(givenUp.messages == [1])
    }

    @Test("If dead-lettering fails, its error is thrown")
    func givingUpFails() async {
        let base = RecordingHandler { _, _ in Failures.permanent }
        let handler = IsolatingHandler(base) { _, _ in throw Failures.infrastructure }
        let error = await failure(of: { try await handler.handle([1]) })
        #expect(error as? SheafError == Failures.infrastructure)
    }

    @Test("A cancellation is no message's fault")
    func cancellation() async {
        let base = RecordingHandler { _, _ in CancellationError() }
        let error = await failure(of: { try await isolating(base).handle([1, 2]) })
        #expect(error is CancellationError)
        #expect(base.calls == [[1, 2]])
        #expect(givenUp.messages.isEmpty)
    }

    @Test("An empty batch that fails dead-letters nothing")
    func empty() async throws {
        let base = RecordingHandler { _, _ in Failures.permanent }
        try await isolating(base).handle([])
        #expect(givenUp.messages.isEmpty)
    }
}
