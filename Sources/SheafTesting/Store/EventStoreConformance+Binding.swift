import SheafCore
import Testing

extension EventStoreConformance {
    static var binding: [Check] {
        [
            Check("A binding ends its events and makes a pending notification") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (events, other) = (samples.events(3), samples.event())
                let binding = samples.binding(
                    events, traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                try await store.append(events + [other])
                let now = try await store.bind([binding])
                for event in events {
                    #expect(
                        try await store.stored(event)
                            == StoredEvent(event: event, status: .processed, binding: binding.id, finishedAt: now))
                }
                #expect(
                    try await store.notification(binding.id)
                        == UserNotification(
                            id: binding.id, recipient: Samples.recipient, type: Samples.type, content: Samples.content,
                            eventCount: 3, createdAt: now, traceParent: binding.traceParent))
                #expect(try await store.newEvents(events.map(\.id) + [other.id]) == [other])
            },
            Check("A binding is remembered with its window and its events in their order") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let parts: [String?] = [nil, "", "7", "a:b%3A", "Осень 🍂"]
                for part in parts {
                    let events = (0..<3).map { _ in samples.event(keyPart: part) }
                    let window = ClosedWindow(
                        key: Samples.key(part: part), openedAt: samples.start,
                        closesAt: Timestamp(microseconds: samples.start.microseconds + 60_000_001))
                    let binding = samples.binding(events.reversed(), window: window)
                    try await store.append(events)
                    let now = try await store.bind([binding])
                    let stored = try #require(try await store.binding(binding.id))
                    #expect(
                        stored
                            == StoredBinding(id: binding.id, events: binding.events, window: window, boundAt: now))
                    #expect(stored.window?.key.part?.exactly == part?.exactly)
                }
            },
            Check("A binding without a window is remembered without one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                let binding = samples.binding([event])
                try await store.append([event])
                let now = try await store.bind([binding])
                #expect(
                    try await store.binding(binding.id)
                        == StoredBinding(id: binding.id, events: [event.id], window: nil, boundAt: now))
            },
            Check("Suppressed events carry the reason, and there is no notification") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let binding = samples.binding(events, composition: .suppressed(reason: "no_banned_items"))
                try await store.append(events)
                let now = try await store.bind([binding])
                for event in events {
                    let stored = try #require(try await store.stored(event))
                    #expect(stored.status == .suppressed && stored.reason == "no_banned_items")
                    #expect(stored.binding == binding.id && stored.finishedAt == now && stored.notificationID == nil)
                }
                #expect(try await store.notification(binding.id) == nil)
                #expect(try await store.binding(binding.id)?.events == binding.events)
                let page = try await store.feed(recipient: Samples.recipient, after: nil, limit: 10, unreadOnly: false)
                #expect(page.items.isEmpty && page.unread == 0)
            },
            Check("A binding whose event has ended is refused, and nothing of it stays") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let (first, second) = (samples.binding([events[0]]), samples.binding(events))
                try await store.append(events)
                try await store.bind([first])
                let conflict = await failure(BindingConflict.self) { try await store.bind([second]) }
                #expect(conflict?.bindings == [second.id])
                #expect(try await store.newEvents(events.map(\.id)) == Array(events[1...]))
                #expect(try await store.stored(events[0])?.binding == first.id)
                #expect(try await store.binding(second.id) == nil)
                #expect(try await store.notification(second.id) == nil)
            },
            Check("A conflict names every binding that has one, and no other") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(6)
                try await store.append(events)
                try await store.bind([samples.binding([events[1], events[3], events[4]])])
                let bindings = [
                    samples.binding([events[0]]), samples.binding([events[1], events[2]]), samples.binding([events[5]]),
                    samples.binding([events[3], events[4]]),
                ]
                let error = await failure(BindingConflict.self) { try await store.bind(bindings) }
                #expect(Set(error?.bindings ?? []) == [bindings[1].id, bindings[3].id])
                #expect(error?.bindings.count == 2)
                #expect(try await store.newEvents(events.map(\.id)) == [events[0], events[2], events[5]])
            },
            Check("Two bindings of one call that share an event are in conflict") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.append(events)
                let bindings = [samples.binding([events[0], events[1]]), samples.binding([events[1], events[2]])]
                let error = await failure(BindingConflict.self) { try await store.bind(bindings) }
                let named = try #require(error?.bindings)
                #expect(!named.isEmpty && Set(named).isSubset(of: bindings.map(\.id)))
                #expect(try await store.newEvents(events.map(\.id)) == events)
                #expect(try await store.notifications(bindings.map(\.id)).isEmpty)
            },
            Check("An event that is suppressed, dead or unknown cannot be bound") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (suppressed, dead, unknown) = (samples.event(), samples.event(), samples.event())
                try await store.append([suppressed, dead])
                try await store.bind([samples.binding([suppressed], composition: .suppressed(reason: "quiet"))])
                try await store.markDead([dead.id], reason: "bad_payload")
                for event in [suppressed, dead, unknown] {
                    let binding = samples.binding([event])
                    let conflict = await failure(BindingConflict.self) { try await store.bind([binding]) }
                    #expect(conflict?.bindings == [binding.id])
                }
                #expect(try await store.stored(suppressed)?.reason == "quiet")
                #expect(try await store.stored(dead)?.status == .dead)
            },
            Check("Many bindings of one call are stored together") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<500).map { samples.event(recipient: Int64($0 / 2)) }
                let bindings = stride(from: 0, to: 500, by: 2).map { index in
                    samples.binding(
                        [events[index], events[index + 1]],
                        composition: index % 4 == 0 ? .notification(Samples.content) : .suppressed(reason: "quiet"))
                }
                try await store.append(events)
                try await store.bind(bindings)
                #expect(try await store.newEvents(events.map(\.id)).isEmpty)
                #expect(try await store.notifications(bindings.map(\.id)).count == 125)
                #expect(try await store.binding(bindings[249].id)?.events == bindings[249].events)
                #expect(try await store.stored(events[499])?.binding == bindings[249].id)
            },
            Check("A binding of 10,000 events is one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(10_000)
                let binding = samples.binding(events)
                try await store.append(events)
                try await store.bind([binding])
                #expect(try await store.notification(binding.id)?.eventCount == 10_000)
                #expect(try await store.binding(binding.id)?.events == binding.events)
                #expect(try await store.statistics().newEvents == 0)
            },
            Check("Of many who bind the same event at once, one succeeds") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (event, others) = (samples.event(), samples.events(20))
                try await store.append([event] + others)
                let bound = try await withThrowingTaskGroup(of: NotificationID?.self) { group in
                    for other in others {
                        let binding = samples.binding([other, event])
                        group.addTask {
                            do {
                                try await store.bind([binding])
                                return binding.id
                            } catch is BindingConflict {
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
                }
                #expect(bound.count == 1)
                #expect(try await store.stored(event)?.binding == bound.first)
                #expect(try await store.statistics().newEvents == 19)
            },
            Check("New events are marked as dead with the reason, others stay") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                try await store.append(events)
                try await store.bind([samples.binding([events[1]])])
                let (dead, now) = try await store.transaction("dead") { transaction in
                    (
                        try transaction.markDead(events.map(\.id) + [samples.eventID()], reason: "refused"),
                        transaction.now
                    )
                }
                #expect(Set(dead) == [events[0].id, events[2].id] && dead.count == 2)
                #expect(
                    try await store.stored(events[0])
                        == StoredEvent(event: events[0], status: .dead, reason: "refused", finishedAt: now))
                #expect(try await store.stored(events[1])?.status == .processed)
                #expect(try await store.markDead([events[0].id], reason: "again").isEmpty)
                #expect(try await store.stored(events[0])?.reason == "refused")
            },
        ]
    }
}
