import SheafCore
import Testing

@Suite("Failures of factories")
struct FactoryFailureTests {
    private func failure(asking retryAfter: Duration?) async -> SheafError? {
        let type = EventType("a", code: 1, delivery: .immediate, factory: FailingFactory(retryAfter: retryAfter))
        let event = Event(
            IncomingEvent(source: "test", type: "a", recipient: 42, data: #"{"sale_id":7}"#), type: 1, keyPart: "7",
            at: Timestamp(milliseconds: 0))
        return await #expect(throws: SheafError.self) { try await type.compose([event]) }
    }

    @Test("A failure asks for a wait of at most a minute, so that no window is held for ever")
    func longWaits() async {
        #expect(await failure(asking: nil) == SheafError(.upstream, "busy"))
        #expect(await failure(asking: .seconds(59)) == SheafError(.upstream, "busy", retryAfter: .seconds(59)))
        for seconds in [61, 86_400, .max] as [Int64] {
            #expect(
                await failure(asking: .seconds(seconds)) == SheafError(.upstream, "busy", retryAfter: .seconds(60)))
        }
    }
}

private struct FailingFactory: NotificationFactory {
    let retryAfter: Duration?

    func compose(_: [SamplePayload], for _: RecipientID) async throws -> Composition {
        throw SheafError(.upstream, "busy", retryAfter: retryAfter)
    }
}
