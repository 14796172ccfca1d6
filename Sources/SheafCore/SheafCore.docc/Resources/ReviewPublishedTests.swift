import Logging
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite struct ReviewPublishedTests {
    /// The type, with windows so short that a test can wait for them.
    let type = EventType.reviewPublished(language: .english)
        .delivered(.debounced(WindowPolicy(length: .milliseconds(100))))

    @Test func `the bad reviews of an item are one notification`() async throws {
        let clock = SteadyClock()
        let (store, gateway) = (MemoryStore(clock: clock), RecordingGateway())
        let engine = try await Engine(
            Engine.Ports(
                catalog: try LiveCatalog([type]), store: store, debouncer: MemoryDebouncer(clock: clock),
                gateway: gateway, clock: clock),
            logger: Logger(label: "reviews"))
        let running = Task { try await engine.run() }
        defer { running.cancel() }

        let results = try await engine.ingest.submit(
            [
                review(item: 7, stars: 2), review(item: 7, stars: 5), review(item: 7, stars: 1),
                review(item: 8, stars: 5), review(item: 9, stars: 6),
            ], source: "test")
        #expect(results.prefix(4).allSatisfy { $0.status == .accepted })
        #expect(results[4].status == .rejected(SheafError(.badPayload, field: "data.stars", "expected 1 to 5")))

        while try await store.statistics().newEvents > 0 || gateway.requests.isEmpty {
            try await Task.sleep(for: .milliseconds(10))
        }
        // Item 8 has no bad reviews.
        let requests = gateway.requests
        #expect(requests.map(\.notification.content.fullTitle) == ["Your item got 2 bad reviews"])
        #expect(requests.map(\.notification.recipient) == [42])
        #expect(requests.map(\.type) == ["review_published"])
    }

    private func review(item: Int64, stars: Int) -> EventReader.Entry {
        .success(
            IncomingEvent(
                source: "test", type: "review_published", recipient: 42,
                data: #"{"item_id":\#(item),"stars":\#(stars)}"#))
    }
}
