import SheafCore
import Testing

extension EventStoreConformance {
    static var reading: [Check] {
        [
            Check("Unassigned events are read oldest first, whatever the order of the ids") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(600)
                try await store.relay(events.shuffled())
                let asked = (events.map(\.id) + [samples.eventID(), samples.eventID()]).shuffled()
                #expect(try await store.unassignedEvents(asked) == events)
            },
            Check("Unassigned events are found among others, however many lie between") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3000)
                try await store.relay(events)
                let ended = events.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
                try await store.digest([samples.digest(ended)])
                for step in [1, 2, 3, 40, 2999] {
                    let asked = stride(from: 0, to: events.count, by: step).map { events[$0] }
                    let expected = asked.filter { event in !ended.contains { $0.id == event.id } }
                    #expect(try await store.unassignedEvents(asked.map(\.id)) == expected)
                }
                let uneven = Array(events[10..<250] + [events[700]] + events[1500..<1505] + events[2500...])
                let asked = uneven.map(\.id).shuffled()
                #expect(
                    try await store.unassignedEvents(asked).count == uneven.count { event in !ended.contains(event) })
            },
            Check("An event that is requested twice is returned once") { harness async throws in
                let event = Samples().event()
                try await harness.store.relay([event])
                #expect(try await harness.store.unassignedEvents([event.id, event.id]) == [event])
            },
            Check("An event is found by Sheaf's identifier and by its producer's") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event(producerID: "заказ №1 🫖")
                try await store.relay([event, samples.event(producerID: "заказ №2")])
                #expect(try await store.event(publicID: event.id.description)?.event == event)
                #expect(try await store.event(publicID: "заказ №1 🫖")?.event == event)
                for unknown in ["заказ №1", "", "заказ №1 🫖 ", samples.eventID().description] {
                    #expect(try await store.event(publicID: unknown) == nil)
                }
            },
            Check("If sources share a producer id, the newest event is found") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = ["a", "b", "c"].map { samples.event(source: $0, producerID: "shared") }
                try await store.relay([events[1], events[2], events[0]])
                #expect(try await store.event(publicID: "shared")?.event == events[2])
            },
            Check("If sources share a producer id, each event is found by its source") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = ["caf\u{E9}", "cafe\u{301}", "c"].map { samples.event(source: $0, producerID: "shared") }
                try await store.relay(events)
                for event in events {
                    #expect(try await store.event(publicID: "shared", source: event.source)?.event == event)
                    #expect(try await store.event(publicID: event.id.description, source: event.source)?.event == event)
                }
                for unknown in ["", "d", "C"] {
                    #expect(try await store.event(publicID: "shared", source: unknown) == nil)
                    #expect(try await store.event(publicID: events[0].id.description, source: unknown) == nil)
                }
            },
            Check("Sheaf's id takes precedence over an equal producer id, unless the source differs") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let first = samples.event()
                let second = samples.event(producerID: first.id.description)
                let third = samples.event(source: "other", producerID: first.id.description)
                try await store.relay([first, second, third])
                #expect(try await store.event(publicID: first.id.description, source: "other")?.event == third)
                #expect(try await store.event(publicID: first.id.description)?.event == first)
            },
            Check("A producer's identifier may look like one of Sheaf's") { harness async throws in
                let samples = Samples()
                let event = samples.event(producerID: samples.eventID().description)
                try await harness.store.relay([event])
                #expect(try await harness.store.event(publicID: event.publicID)?.event == event)
            },
            Check("Public ids are returned in the requested order, without missing events") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = [samples.event(producerID: "a"), samples.event(), samples.event(producerID: "б")]
                try await store.relay(events)
                try await store.digest([samples.digest([events[2]])])
                let ids = try await store.publicIDs(of: [events[2].id, samples.eventID(), events[0].id, events[1].id])
                #expect(ids == ["б", "a", events[1].id.description])
                #expect(try await store.publicIDs(of: []).isEmpty)
            },
            Check("The public ids of 10,000 events are read at once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<10_000).map { samples.event(producerID: "e\($0)") }
                try await store.relay(events)
                #expect(try await store.publicIDs(of: events.reversed().map(\.id)) == events.reversed().map(\.publicID))
            },
            Check("Stale events are new, have the type and were received before the moment") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<6).map { second in
                    samples.event(type: second == 2 ? 2 : 1, receivedAt: samples.start + .seconds(second))
                }
                try await store.relay(events.reversed())
                try await store.digest([samples.digest([events[1]])])
                let moment = samples.start + .seconds(4)
                let stale = [events[0], events[3]]
                #expect(try await store.staleEvents(type: 1, before: moment, after: nil, limit: 10) == stale)
                #expect(try await store.staleEvents(type: 2, before: moment, after: nil, limit: 10) == [events[2]])
                #expect(try await store.staleEvents(type: 3, before: moment, after: nil, limit: 10).isEmpty)
            },
            Check("Stale events are read page by page") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(7)
                try await store.relay(events)
                let moment = samples.start + .seconds(1)
                var read: [Event] = []
                for expected in [3, 3, 1, 0] {
                    let page = try await store.staleEvents(type: 1, before: moment, after: read.last?.id, limit: 3)
                    #expect(page.count == expected)
                    read += page
                }
                #expect(read == events)
            },
            Check("A feed has the recipient's notifications newest first, page by page") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                var ids: [NotificationID] = []
                for _ in 0..<5 {
                    ids.append(try await store.notification(of: samples))
                    _ = try await store.notification(of: samples, recipient: 43)
                }
                let newestFirst = Array(ids.reversed())
                let first = try await store.feed(recipient: 42, after: nil, limit: 2, unreadOnly: false)
                #expect(first.items.map(\.id) == Array(newestFirst[..<2]) && first.next == newestFirst[1])
                let second = try await store.feed(recipient: 42, after: first.next, limit: 2, unreadOnly: false)
                #expect(second.items.map(\.id) == Array(newestFirst[2..<4]) && second.next == newestFirst[3])
                let third = try await store.feed(recipient: 42, after: second.next, limit: 2, unreadOnly: false)
                #expect(third.items.map(\.id) == [newestFirst[4]] && third.next == nil)
                #expect([first, second, third].map(\.unread) == [5, 5, 5])
            },
            Check("The newest notifications of all recipients are read newest first") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                var ids: [NotificationID] = []
                for recipient in [42, 43, 42] as [RecipientID] {
                    ids.append(try await store.notification(of: samples, recipient: recipient))
                }
                #expect(try await store.newestNotifications(limit: 2).map(\.id) == [ids[2], ids[1]])
                #expect(try await store.newestNotifications(limit: 9).map(\.id) == ids.reversed())
            },
            Check("The ids of the newest notifications are read down to a bound, newest first") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                var ids: [NotificationID] = []
                for recipient in [42, 43, 42] as [RecipientID] {
                    ids.append(try await store.notification(of: samples, recipient: recipient))
                }
                #expect(try await store.newestNotificationIDs(after: ids[0], limit: 9) == [ids[2], ids[1]])
                #expect(try await store.newestNotificationIDs(after: ids[0], limit: 1) == [ids[2]])
                #expect(try await store.newestNotificationIDs(after: ids[2], limit: 9).isEmpty)
                let first = NotificationID.lowerBound(at: samples.start)
                #expect(try await store.newestNotificationIDs(after: first, limit: 9) == ids.reversed())
            },
            Check("A page with exactly the rest of the feed is the last page") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                for _ in 0..<2 { _ = try await store.notification(of: samples) }
                let page = try await store.feed(recipient: 42, after: nil, limit: 2, unreadOnly: false)
                #expect(page.items.count == 2 && page.next == nil)
                let empty = try await store.feed(recipient: 43, after: nil, limit: 2, unreadOnly: false)
                #expect(empty == FeedPage(items: [], next: nil, unread: 0))
            },
            Check("A feed of unread notifications leaves out read ones on every page") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                var ids: [NotificationID] = []
                for _ in 0..<6 { ids.append(try await store.notification(of: samples)) }
                for id in [ids[4], ids[1]] { try await store.markRead(recipient: 42, id) }
                let first = try await store.feed(recipient: 42, after: nil, limit: 2, unreadOnly: true)
                #expect(first.items.map(\.id) == [ids[5], ids[3]] && first.next == ids[3] && first.unread == 4)
                let second = try await store.feed(recipient: 42, after: first.next, limit: 2, unreadOnly: true)
                #expect(second.items.map(\.id) == [ids[2], ids[0]] && second.next == nil && second.unread == 4)
                let all = try await store.feed(recipient: 42, after: nil, limit: 10, unreadOnly: false)
                #expect(all.items.count == 6 && all.unread == 4)
            },
            Check("Missing notifications and windows are left out") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                #expect(try await store.notifications([samples.notificationID(), id]).map(\.id) == [id])
                #expect(try await store.notifications([]).isEmpty)
                #expect(try await store.events(in: samples.notificationID()).isEmpty)
                #expect(try await store.liveWindow(.max) == nil)
                #expect(try await store.endedWindow(.max) == nil)
                #expect(try await store.attempts(of: samples.notificationID()).isEmpty)
            },
            Check("The outlook of an event is known before it is accepted") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event(producerID: "a")
                let nothing = EventOutlook(isKnown: false, openWindow: nil)
                #expect(try await store.outlook(of: event) == nothing)
                // Asking changes nothing.
                #expect(try await harness.openWindows().isEmpty)
                try await harness.accept([event])
                let window = try #require(try await harness.openWindows().first)
                #expect(try await store.outlook(of: event) == EventOutlook(isKnown: true, openWindow: window))
                let others = [
                    samples.event(source: "other", producerID: "a"), samples.event(producerID: "A"), samples.event(),
                ]
                for other in others {
                    #expect(
                        try await store.outlook(of: other) == EventOutlook(isKnown: false, openWindow: window))
                }
                for part in ["8", "", nil] {
                    #expect(try await store.outlook(of: samples.event(keyPart: part)) == nothing)
                }
                #expect(try await store.outlook(of: samples.event(recipient: 43)) == nothing)
                // Windows of one take no others.
                try await store.accept([samples.event(keyPart: "9")], as: .alone)
                #expect(try await store.outlook(of: samples.event(keyPart: "9")) == nothing)
                // The identifier stays known when its event is gone.
                _ = try await store.transaction("erase") { try $0.erase(recipient: event.recipient, limit: 100) }
                #expect(try await store.outlook(of: event) == EventOutlook(isKnown: true, openWindow: nil))
            },
            Check("Statistics count pending work") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = (0..<4).map { samples.event(receivedAt: samples.start + .seconds($0)) }
                try await store.relay(events)
                try await store.digest([samples.digest([events[0]], composition: .suppressed(reason: "quiet"))])
                try await store.insert([samples.deadLetter(nil)])
                let writtenAt = try await store.publish([
                    QueueMessage(key: 42, body: .event(events[1].id)),
                    QueueMessage(key: 42, body: .event(events[2].id), delay: harness.ticks(100)),
                    QueueMessage(key: 42, body: .notification(samples.notificationID())),
                ])
                try await harness.advance(ticks: 1)
                try await store.publish([QueueMessage(key: 42, body: .event(events[3].id))])
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 3 && statistics.oldestDueAt == events[1].receivedAt)
                #expect(statistics.backlog == [.eventOccurred: 2, .notificationSend: 1])
                #expect(statistics.oldestMessageAt == writtenAt && statistics.deadLetters == 1)
            },
            Check("Statistics count the events of windows until they end") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (first, second) = (samples.events(2), samples.events(3, recipient: 43))
                try await harness.accept([first[0]])
                let opened = try #require(try await harness.openWindows().first)
                try await harness.advance(ticks: 1)
                try await harness.accept(second + [first[1]])
                try await store.accept([samples.event(recipient: 44)], as: .alone)
                try await store.relay([samples.event(receivedAt: opened.openedAt + .seconds(86_400))])
                #expect(try await store.statistics().newEvents == 7)
                _ = try await store.flush(Samples.key())
                let claims = try await harness.claim().claims
                #expect(claims.count == 2)
                #expect(try await store.statistics().newEvents == 7)
                let claim = try #require(claims.first { $0.window.key == Samples.key() })
                try await store.digest([samples.digest(claim)])
                #expect(try await store.statistics().newEvents == 5)
            },
            Check("Work ages from its first due time, regardless of later waits for a service") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await harness.accept([samples.event()])
                #expect(try await store.statistics().oldestDueAt == nil)
                let opened = try #require(try await harness.openWindows().first)
                try await harness.advance(by: opened.closesAt - opened.openedAt)
                #expect(try await store.statistics().oldestDueAt == opened.closesAt)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(try await store.statistics().oldestDueAt == opened.closesAt)
                try await store.postpone([
                    Postponement(claim, delay: harness.ticks(500), reason: .service, maxEvents: 9)
                ])
                #expect(try await store.statistics().oldestDueAt == opened.closesAt)
            },
            Check("Notifications are pending until they are delivered or have failed") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                func pending() async throws -> Int { try await store.statistics().pendingNotifications }
                func record(_ id: NotificationID, _ outcome: DeliveryAttempt.Outcome) async throws {
                    _ = try await store.transaction("record") { transaction in
                        try transaction.record([
                            DeliveryRecord(
                                notification: id, attempt: Samples.attempt(1, at: transaction.now, outcome))
                        ])
                    }
                }
                #expect(try await pending() == 0)
                try await store.accept((1...4).map { samples.event(recipient: $0) }, as: .alone)
                let digests = try await harness.claim().claims.map { samples.digest($0) }
                try await store.digest(digests)
                #expect(try await store.digested(digests).ids.isEmpty)
                #expect(try await pending() == 4)
                try await record(digests[0].id, .delivered)
                try await record(digests[0].id, .delivered)
                try await record(digests[1].id, .failed)
                try await record(digests[2].id, .retry)
                #expect(try await pending() == 2)
                let letter = samples.deadLetter(.notification(digests[1].id))
                try await store.insert([letter])
                _ = try await store.transaction("redrive") { try $0.takeDeadLetters([letter.id], limit: 1) }
                #expect(try await pending() == 3)
                try await store.erase(digests[2].window.key.recipient)
                try await store.erase(digests[0].window.key.recipient)
                #expect(try await pending() == 2)
            },
            Check("A leading window without events is not in the backlog") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                try await harness.accept([samples.event()], harness.leading)
                try await store.digest([samples.digest(try #require(try await harness.claim().claims.first))])
                #expect(try await harness.openWindows().map(\.events) == [0])
                let statistics = try await store.statistics()
                #expect(statistics.newEvents == 0 && statistics.oldestDueAt == nil)
            },
            Check("A delayed message is not in the backlog before it is due") { harness async throws in
                let store = harness.store
                let message = QueueMessage(key: 42, body: .event(Samples().eventID()), delay: harness.ticks(5))
                let writtenAt = try await store.publish([message])
                #expect(try await store.statistics().oldestMessageAt == nil)
                #expect(try await store.statistics().backlog[.eventOccurred] == 0)
                try await harness.advance(ticks: 5)
                #expect(try await store.statistics().backlog[.eventOccurred] == 1)
                #expect(try await store.statistics().oldestMessageAt == writtenAt)
            },
        ]
    }
}
