import SheafCore
import Testing

extension EventStoreConformance {
    static var recipients: [Check] {
        [
            Check("A recipient's events are read newest first, with every outcome, and no other recipient's") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(5)
                let key = Samples.key()
                let window = ClosedWindow(key: key, openedAt: samples.start, closesAt: samples.start + .seconds(60))
                try await store.relay(events + samples.events(2, recipient: 43))
                let told = samples.digest([events[0], events[3]], window: window)
                let silent = samples.digest([events[1]], composition: .suppressed(reason: "no_banned_items"))
                try await store.digest([told, silent])
                try await store.markDead([events[2].id], reason: "bad_payload")
                let page = try await store.events(of: 42, after: nil, limit: 9)
                #expect(page.next == nil)
                #expect(page.items.map(\.stored.event) == events.reversed())
                #expect(page.items.map(\.stored.status) == [.new, .processed, .dead, .suppressed, .processed])
                #expect(page.items.map(\.stored.reason) == [nil, nil, "bad_payload", "no_banned_items", nil])
                #expect(page.items.map(\.window) == [nil, key, nil, key, key])
                #expect(page.items.allSatisfy { $0.closesAt == nil })
                #expect(page.items.map(\.delivery) == [nil, .pending, nil, nil, .pending])
                #expect(page.items.map(\.stored.notificationID) == [nil, told.id, nil, nil, told.id])
                #expect(
                    try await store.events(of: 44, after: nil, limit: 9) == RecipientEventPage(items: [], next: nil))
            },
            Check("A recipient's events are paged in their own order, not in that of their windows") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(8)
                try await store.relay(events)
                // The later window has the older event, and the first, the middle and the last wait.
                try await store.digest([samples.digest([events[1], events[6]]), samples.digest([events[2]])])
                try await store.markDead([events[5].id], reason: "bad_payload")
                try await store.digest([samples.digest([events[3]])])
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
            Check("A recipient's events in live windows are read with their windows") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(6)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 2)
                let exception = EventException(event: events[0].id, status: .dead, reason: "bad_payload")
                let first = try await harness.claimed(Array(events[..<2]), policy)
                let digest = samples.digest(first, exceptions: [exception])
                try await store.digest([digest])
                try await store.accept([events[2]], as: .alone)
                let alone = try #require(try await harness.claim().claims.first)
                try await store.digest([samples.digest(alone, composition: .suppressed(reason: "quiet"))])
                try await harness.accept([events[3]], policy)
                try await store.accept([events[4]], as: .alone)
                try await store.relay([events[5]])
                let open = try #require(try await harness.openWindows().first)
                let items = try await store.events(of: 42, after: nil, limit: 9).items
                #expect(items.map(\.stored.event) == events.reversed())
                #expect(items.map(\.stored.status) == [.new, .new, .new, .suppressed, .processed, .dead])
                #expect(items.map(\.stored.reason) == [nil, nil, nil, "quiet", nil, "bad_payload"])
                let key = Samples.key()
                #expect(items.map(\.window) == [nil, nil, key, nil, key, key])
                #expect(items.map(\.closesAt) == [nil, nil, open.closesAt, nil, nil, nil])
                #expect(items.map(\.delivery) == [nil, nil, nil, nil, .pending, nil])
                #expect(items.map(\.stored.notificationID) == [nil, nil, nil, nil, digest.id, nil])
                #expect(items.map { $0.stored.window == nil } == [true, false, false, false, false, false])
            },
            Check("An event that a replay composed again is returned once, with its first notification") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let first = samples.digest([event])
                try await store.relay([event])
                try await store.digest([first])
                let again = samples.replayed([event])
                _ = try await store.transaction("replay") { try $0.replay([again], as: "r1") }
                let page = try await store.events(of: 42, after: nil, limit: 2)
                #expect(page.items.map(\.stored.notificationID) == [first.id] && page.next == nil)
            },
            Check("The newest of 2,000 events of a recipient are found among those of others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<4000).map { samples.event(recipient: $0 % 2 == 0 ? 42 : 43) }
                try await store.relay(events)
                let own = events.filter { $0.recipient == 42 }
                try await store.digest([samples.digest(Array(own.dropLast(10)))])
                let page = try await store.events(of: 42, after: nil, limit: 15)
                #expect(page.items.map(\.stored.event.id) == own.suffix(15).reversed().map(\.id))
                #expect(page.next == own[own.count - 15].id)
            },
        ]
    }
}
