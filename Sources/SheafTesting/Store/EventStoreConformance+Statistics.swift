import SheafCore
import Testing

extension EventStoreConformance {
    /// What is counted of more rows than are read.
    static var statistics: [Check] {
        let many = DueEstimate.limit + 500
        return [
            Check("Events that are due are counted though there are many, and windows are found behind theirs") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await store.accept(samples.events(many), as: .alone)
                try await harness.accept(samples.events(3, recipient: 43))
                let statistics = try await store.statistics()
                #expect(statistics.dueEvents == many && statistics.newEvents == many + 3)
                #expect(statistics.oldestDueAt != nil)
                var (found, cursor): ([LiveWindow], WindowID?) = ([], nil)
                repeat {
                    let page = try await store.openWindows(after: cursor, limit: 2)
                    #expect(page.total == 1)
                    found += page.items
                    cursor = page.next
                } while cursor != nil
                #expect(found.map(\.events) == [3])
            },
            Check("Messages that are due are counted though there are many") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(many)
                try await store.relay(events)
                try await store.publish(events.map { QueueMessage(key: $0.recipient, body: .event($0.id)) })
                let statistics = try await store.statistics()
                #expect(statistics.backlog == [.eventOccurred: many, .notificationSend: 0])
                #expect(statistics.newEvents == many && statistics.oldestDueAt == events[0].receivedAt)
            },
        ]
    }
}
