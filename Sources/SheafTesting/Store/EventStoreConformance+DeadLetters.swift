import SheafCore
import Testing

extension EventStoreConformance {
    static var deadLetters: [Check] {
        [
            Check("Dead letters are read as they were inserted, newest first, page by page") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letters = [
                    samples.deadLetter(.event(samples.eventID())),
                    samples.deadLetter(.notification(samples.notificationID())),
                    samples.deadLetter(nil, recipient: nil, reason: "bad_payload"),
                    samples.deadLetter(nil, recipient: .min),
                    DeadLetter(
                        id: samples.deadLetterID(), topic: "marketplace-sale.item.changed", reason: "bad_payload",
                        error: "bad_payload: data.sale_id: expected a number", message: "не JSON \"\\ 🫖", body: nil,
                        recipient: nil, failedAt: Timestamp(microseconds: samples.start.microseconds + 1)),
                ]
                try await store.insert(Array(letters[..<2]))
                try await store.insert(Array(letters[2...]))
                let newestFirst = Array(letters.reversed())
                #expect(try await store.deadLetters(after: nil, limit: 100) == newestFirst)
                #expect(try await store.deadLetters(after: nil, limit: 2) == Array(newestFirst[..<2]))
                #expect(try await store.deadLetters(after: newestFirst[1].id, limit: 2) == Array(newestFirst[2..<4]))
                #expect(try await store.deadLetters(after: newestFirst[4].id, limit: 2).isEmpty)
                #expect(try await store.statistics().deadLetters == 5)
            },
            Check("Taking a dead letter leaves its event dead until it is readmitted") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(2)
                let letters = events.map { samples.deadLetter(.event($0.id)) }
                try await store.relay(events)
                try await store.markDead(events.map(\.id), reason: "attempts_used_up")
                try await store.insert(letters)
                #expect(try await store.takeDeadLetters([letters[1].id], limit: 10) == [letters[1]])
                #expect(try await store.events(events.map(\.id)).map(\.status) == [.dead, .dead])
                #expect(try await store.deadLetters(after: nil, limit: 10) == [letters[0]])
                #expect(try await store.readmit([events[1]], as: .relayed) == [events[1]])
                #expect(try await store.stored(events[1]) == StoredEvent(event: events[1]))
                #expect(try await store.stored(events[0])?.status == .dead)
                #expect(try await store.unassignedEvents(events.map(\.id)) == [events[1]])
                try await store.digest([samples.digest([events[1]])])
                #expect(try await store.stored(events[1])?.status == .processed)
            },
            Check("Taking a dead letter makes its failed notification pending") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let id = try await store.notification(of: samples)
                try await store.record([
                    DeliveryRecord(notification: id, attempt: Samples.attempt(1, at: samples.start, .failed))
                ])
                let letter = samples.deadLetter(.notification(id), reason: "refused")
                try await store.insert([letter])
                #expect(try await store.takeDeadLetters(nil, limit: 1) == [letter])
                #expect(try await store.notification(id)?.status == .pending)
                #expect(try await store.attempts(of: id).count == 1)
            },
            Check("Taking a dead letter does not change what has ended otherwise") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (notified, quiet) = (samples.event(), samples.event())
                let delivered = try await store.notification(of: samples)
                try await store.relay([notified, quiet])
                try await store.digest([samples.digest([notified])])
                try await store.digest([samples.digest([quiet], composition: .suppressed(reason: "quiet"))])
                try await store.record([
                    DeliveryRecord(notification: delivered, attempt: Samples.attempt(1, at: samples.start, .delivered))
                ])
                try await store.insert(
                    [.event(notified.id), .event(quiet.id), .notification(delivered), .event(samples.eventID())]
                        .map { samples.deadLetter($0) })
                #expect(try await store.takeDeadLetters(nil, limit: 10).count == 4)
                #expect(try await store.stored(notified)?.status == .processed)
                #expect(try await store.stored(quiet)?.reason == "quiet")
                #expect(try await store.notification(delivered)?.status == .delivered)
            },
            Check("Taking letters without ids takes the oldest, at most the limit") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letters = (0..<5).map { _ in samples.deadLetter(.event(samples.eventID())) }
                try await store.insert(letters)
                #expect(Set(try await store.takeDeadLetters(nil, limit: 2)) == Set(letters[..<2]))
                #expect(Set(try await store.takeDeadLetters(nil, limit: 100)) == Set(letters[2...]))
                #expect(try await store.takeDeadLetters(nil, limit: 100).isEmpty)
                #expect(try await store.deadLetters(after: nil, limit: 10).isEmpty)
            },
            Check("A dead letter without a body stays, and does not block others") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let fixed = [samples.deadLetter(nil), samples.deadLetter(nil, recipient: nil)]
                let free = samples.deadLetter(.event(samples.eventID()))
                try await store.insert(fixed + [free])
                #expect(try await store.takeDeadLetters(fixed.map(\.id), limit: 10).isEmpty)
                #expect(try await store.takeDeadLetters(nil, limit: 1) == [free])
                #expect(Set(try await store.deadLetters(after: nil, limit: 10)) == Set(fixed))
            },
            Check("Dead letters that do not exist are skipped") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letter = samples.deadLetter(.event(samples.eventID()))
                try await store.insert([letter])
                #expect(try await store.takeDeadLetters([], limit: 10).isEmpty)
                #expect(try await store.takeDeadLetters([samples.deadLetterID(), letter.id], limit: 10) == [letter])
                #expect(try await store.takeDeadLetters([letter.id], limit: 10).isEmpty)
            },
            Check("Taking named dead letters keeps to the limit") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letters = (0..<5).map { _ in samples.deadLetter(.event(samples.eventID())) }
                try await store.insert(letters)
                #expect(try await store.takeDeadLetters(letters.map(\.id), limit: 3).count == 3)
                #expect(try await store.deadLetters(after: nil, limit: 10).count == 2)
            },
            Check("Taking a dead letter publishes nothing by itself") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let event = samples.event()
                try await store.relay([event])
                try await store.markDead([event.id], reason: "attempts_used_up")
                try await store.insert([samples.deadLetter(.event(event.id))])
                try await store.takeDeadLetters(nil, limit: 1)
                #expect(try await store.statistics().messages == 0)
            },
            Check("If many take the same dead letters at once, each letter goes to one") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let letters = (0..<40).map { _ in samples.deadLetter(.event(samples.eventID())) }
                try await store.insert(letters)
                let taken = try await withThrowingTaskGroup(of: [DeadLetter].self) { group in
                    for _ in 0..<8 { group.addTask { try await store.takeDeadLetters(nil, limit: 10) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(taken.count == 40 && Set(taken) == Set(letters))
            },
        ]
    }
}
