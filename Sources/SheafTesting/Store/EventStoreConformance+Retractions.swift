import SheafCore
import Testing

extension EventStoreConformance {
    static var retractions: [Check] {
        [
            Check("An event retracts live events of its recipient with the same values, wherever they wait") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                func like(_ post: String, _ recipient: RecipientID = 42, type: EventTypeCode = 1) -> Event {
                    samples.event(
                        recipient: recipient, type: type, keyPart: post, payload: #"{"post":"\#(post)","n":"7","x":1}"#)
                }
                let taken = [like("a"), like("a"), like("a"), like("a")]
                let kept = [like("b"), like("a", 43), like("a", type: 3), like("A")]
                try await harness.accept([taken[0]] + kept)
                try await store.accept([taken[1]], as: .alone)
                try await store.relay([taken[2]])
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.events == [taken[1]])
                let retractor = like("a", type: 2)
                #expect(
                    try await store.accept([taken[3]], retractor, taking: 1, ["post": .text("a"), "n": .integer(7)])
                        == [.stored, .retracting(4)])
                try await harness.expectRetracted(taken)
                let notes = try await store.notes(of: (taken + kept).map { .event($0.id) })
                #expect(notes.map(\.step) == taken.map { _ in .retracted })
                #expect(Set(notes.map(\.subject)) == Set(taken.map { .event($0.id) }))
                #expect(Set(notes.map(\.reason)) == [retractor.id.description])
                #expect(try await store.digested([samples.digest(claim)]).ids.isEmpty)
                #expect(try await store.unassignedEvents([taken[2].id]).isEmpty)
                #expect(try await store.events(kept.map(\.id)).allSatisfy { $0.status == .new })
                #expect(try await store.stored(retractor)?.status == .new)
                #expect(try await harness.openWindows().map(\.events) == [1, 1, 1, 1, 1])
                #expect(try await store.statistics().newEvents == kept.count + 1)
            },
            Check("Later events, ended events and events with other values are not retracted") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let notified = samples.event(payload: #"{"post":1}"#)
                try await store.digest([samples.digest(try await harness.claimed([notified]))])
                let payloads = [#"{"post":"x"}"#, #"{"post":2}"#, "{}", #"{"post":null}"#, #"{"post":1.5}"#, "[1]"]
                let others = payloads.map { samples.event(payload: $0) }
                try await harness.accept(others)
                let (retractor, later) = (
                    samples.event(type: 2, payload: #"{"post":1}"#), samples.event(payload: #"{"post":1}"#)
                )
                #expect(
                    try await store.accept([], retractor, taking: 1, ["post": .integer(1)], then: [later])
                        == [.stored, .stored])
                #expect(try await store.stored(notified)?.status == .processed)
                #expect(try await store.events((others + [later]).map(\.id)).allSatisfy { $0.status == .new })
                // Two absent values are equal.
                let last = samples.event(type: 2)
                #expect(try await store.accept([], last, taking: 1, ["post": nil]) == [.retracting(2)])
                try await harness.expectRetracted([others[2], others[3]])
            },
            Check("An event that is suppressed when accepted still retracts; a duplicate does not") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                let retractor = samples.event(type: 2, producerID: "r")
                try await harness.accept([events[0]])
                #expect(
                    try await store.accept(
                        [events[1]], retractor, as: .ended(reason: "retraction"), taking: 1,
                        ["sale_id": .integer(7), "item_id": .integer(1001)]) == [.stored, .retracting(2)])
                #expect(try await store.stored(retractor)?.reason == "retraction")
                #expect(try await harness.openWindows().isEmpty)
                let again = samples.event(type: 2, producerID: "r")
                #expect(
                    try await store.accept(
                        [events[2]], again, as: .ended(reason: "retraction"), taking: 1, ["sale_id": .integer(7)])
                        == [.stored, .duplicate(of: retractor.id)])
                try await harness.expectRetracted([events[0], events[1]])
                #expect(try await harness.openWindows().map(\.events) == [1])
            },
            Check("A window that a batch empties and refills stays the same window") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let (old, new) = (samples.event(payload: #"{"post":1}"#), samples.event(payload: #"{"post":2}"#))
                try await harness.accept([old])
                let window = try #require(try await harness.openWindows().first)
                try await harness.advance(ticks: 2)
                let retractor = samples.event(type: 2, payload: #"{"post":1}"#)
                #expect(
                    try await store.accept([new], retractor, taking: 1, ["post": .integer(1)])
                        == [.stored, .retracting(1)])
                let after = try #require(try await harness.openWindows().first)
                #expect(after.id == window.id && after.events == 1 && after.closesAt == window.closesAt)
                try await harness.advance(ticks: 8)
                #expect(try await harness.claim().claims.map(\.events).contains([new]))
            },
            Check("An event can replace earlier events of its own type") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(3)
                for event in events {
                    try await store.accept([], event, taking: Samples.type, ["sale_id": .integer(7)])
                }
                try await harness.expectRetracted([events[0], events[1]])
                #expect(try await harness.openWindows().map(\.events) == [1])
            },
        ]
    }
}

extension EventStore {
    /// Accepts events, one that retracts some, and more events, in one transaction.
    @discardableResult
    fileprivate func accept(
        _ events: [Event], _ retractor: Event, as admission: Admission = .window(WindowPolicy(length: .seconds(10))),
        taking type: EventTypeCode, _ values: [String: PayloadScalar?], then later: [Event] = []
    ) async throws -> [AppendOutcome] {
        let fields = values.sorted { $0.key < $1.key }.map { name, value in
            if case .text = value { PayloadField(name, .string) } else { PayloadField(name, .integer) }
        }
        let retraction = Retraction(of: type, by: fields, values.sorted { $0.key < $1.key }.map(\.value))
        let open = Admission.window(WindowPolicy(length: .seconds(10)))
        return try await transaction("accept") { transaction in
            try transaction.accept(
                Samples.admitted(events, as: open) + [AdmittedEvent(retractor, admission, retracting: retraction)]
                    + Samples.admitted(later, as: open))
        }
    }
}
