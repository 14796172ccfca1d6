import SheafCore
import Testing

extension EventStoreConformance {
    static var recipients: [Check] {
        [
            Check("A recipient's events are told newest first, whatever became of them, and nobody else's") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(5)
                let key = Samples.key()
                let window = ClosedWindow(key: key, openedAt: samples.start, closesAt: samples.start + .seconds(60))
                try await store.append(events + samples.events(2, recipient: 43))
                let told = samples.binding([events[0], events[3]], window: window)
                let silent = samples.binding([events[1]], composition: .suppressed(reason: "no_banned_items"))
                try await store.bind([told, silent])
                try await store.markDead([events[2].id], reason: "bad_payload")
                let page = try await store.events(of: 42, after: nil, limit: 9)
                #expect(page.next == nil)
                #expect(page.items.map(\.stored.event) == events.reversed())
                #expect(page.items.map(\.stored.status) == [.new, .processed, .dead, .suppressed, .processed])
                #expect(page.items.map(\.stored.reason) == [nil, nil, "bad_payload", "no_banned_items", nil])
                #expect(page.items.map(\.window) == [nil, key, nil, nil, key])
                #expect(page.items.map(\.delivery) == [nil, .pending, nil, nil, .pending])
                #expect(page.items.map(\.stored.notificationID) == [nil, told.id, nil, nil, told.id])
                #expect(
                    try await store.events(of: 44, after: nil, limit: 9) == RecipientEventPage(items: [], next: nil))
            },
            Check("A recipient's events are read page by page, in their own order and not in that of their bindings") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(8)
                try await store.append(events)
                // The later binding has the older event, and the first, the middle and the last wait.
                try await store.bind([samples.binding([events[1], events[6]]), samples.binding([events[2]])])
                try await store.markDead([events[5].id], reason: "bad_payload")
                try await store.bind([samples.binding([events[3]])])
                var read: [Event] = []
                var cursor: EventID?
                for expected in [3, 3, 2] {
                    let page = try await store.events(of: 42, after: cursor, limit: 3)
                    #expect(page.items.count == expected)
                    read += page.items.map(\.stored.event)
                    cursor = page.next
                }
                #expect(cursor == nil)
                #expect(read == events.reversed())
            },
            Check("An event that a replay bound anew is told once, as it was bound first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let first = samples.binding([event])
                try await store.append([event])
                try await store.bind([first])
                let anew = samples.binding([event])
                _ = try await store.transaction("replay") { try $0.replay([anew], as: "r1") }
                let page = try await store.events(of: 42, after: nil, limit: 2)
                #expect(page.items.map(\.stored.binding) == [first.id] && page.next == nil)
            },
            Check("The newest of 2,000 events of a recipient are found among those of others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<4000).map { samples.event(recipient: $0 % 2 == 0 ? 42 : 43) }
                try await store.append(events)
                let own = events.filter { $0.recipient == 42 }
                try await store.bind([samples.binding(Array(own.dropLast(10)))])
                let page = try await store.events(of: 42, after: nil, limit: 15)
                #expect(page.items.map(\.stored.event.id) == own.suffix(15).reversed().map(\.id))
                #expect(page.next == own[own.count - 15].id)
            },
        ]
    }
}
