import SheafCore
import SheafMemory
import SheafTesting
import Synchronization
import Testing

@testable import SheafEngine

/// A type whose text names the recipient's settings, and that leaves out events whose text begins with a minus.
private final class Reading: EventTypeDefinition {
    let fields = [PayloadField("text", .string)]
    private let seen = Mutex<[CompositionContext]>([])
    private let fails: @Sendable (Int) -> Bool

    /// - Parameter fails: whether a call fails; calls are counted from 1.
    init(fails: @escaping @Sendable (Int) -> Bool = { _ in false }) { self.fails = fails }

    /// The context of each call.
    var contexts: [CompositionContext] { seen.withLock(\.self) }

    func classify(_ values: PayloadValues, of event: EventHead) throws(SheafError) -> EventClassification {
        EventClassification(keyPart: nil)
    }

    func check(_ values: PayloadValues) throws(SheafError) { _ = try values.string("text") }

    func compose(_ events: [ReadEvent], in context: CompositionContext) async throws -> WindowComposition {
        let call = seen.withLock { seen in
            seen.append(context)
            return seen.count
        }
        if fails(call) { throw SheafError(.upstream, "the service answered 503") }
        let texts = try events.map { try $0.values.string("text") }
        let who = "\(context.settings.locale ?? "-") \(context.settings.timeZone ?? "-")"
        let shown = texts.filter { !$0.hasPrefix("-") }
        let text = "\(who): \(shown.joined(separator: "+"))"
        return WindowComposition(
            .notification(
                NotificationContent(
                    listTitle: text, listDescription: "", fullTitle: text, fullText: text,
                    locale: context.settings.locale)),
            exceptions: zip(events, texts).filter { $1.hasPrefix("-") }.map { event, _ in
                EventException(event: event.id, status: .suppressed, reason: "not_kept")
            })
    }
}

@Suite("Texts that depend on recipients' settings", .timeLimit(.minutes(1)))
struct WordsForRecipientsTests {
    private static let code = EventType.firstDeclaredCode

    private func rig(_ place: WindowLocation, _ definition: Reading, delivery: DeliveryPolicy? = nil) async throws
        -> Rig
    {
        let rig = try await Rig(place)
        let type = EventType(
            "reading", code: Self.code, delivery: delivery ?? .debounced(WindowPolicy()), definition: definition)
        rig.catalog.replace(with: try EventCatalog(rig.catalog.current.types + [type]), revision: 1)
        return rig
    }

    private func send(_ rig: Rig, _ texts: [String], to recipient: RecipientID = 1) async throws {
        for text in texts {
            let event = IncomingEvent(
                source: "test", producerID: text, type: "reading", recipient: recipient, data: #"{"text":"\#(text)"}"#)
            #expect(try await rig.engine.ingest.submit([.success(event)], source: "test").first?.status == .accepted)
        }
    }

    @Test("The settings are read in one query for all windows of a claim", arguments: WindowLocation.all)
    func batch(place: WindowLocation) async throws {
        let rig = try await rig(place, Reading())
        _ = try await rig.memory.describe(1, RecipientChange(locale: .set("ru"), timeZone: .set("Asia/Tokyo")))
        _ = try await rig.memory.describe(2, RecipientChange(locale: .set("pt-BR")))
        for recipient in 1...3 as ClosedRange<RecipientID> {
            try await send(rig, ["\(recipient)a", "\(recipient)b"], to: recipient)
        }
        try await rig.running { try await rig.pass(.seconds(70)) }
        #expect(try await rig.texts(of: 1) == ["ru Asia/Tokyo: 1a+1b"])
        #expect(try await rig.texts(of: 2) == ["pt-BR -: 2a+2b"])
        #expect(try await rig.texts(of: 3) == ["- -: 3a+3b"])
        #expect(try await rig.notifications(of: 1).first?.content.locale == "ru")
        #expect(rig.store.questions == [[1, 2, 3]])
    }

    @Test("No settings are read for types whose texts do not depend on them", arguments: WindowLocation.all)
    func fixed(place: WindowLocation) async throws {
        let rig = try await rig(place, Reading())
        try await rig.send(.tumbling, "a")
        try await rig.running { try await rig.pass(.seconds(70)) }
        #expect(try await rig.texts() == ["a"])
        #expect(rig.store.questions.isEmpty)
    }

    @Test("Settings that change between two windows apply to the second", arguments: WindowLocation.all)
    func changes(place: WindowLocation) async throws {
        let rig = try await rig(place, Reading())
        try await rig.running {
            try await send(rig, ["a"])
            try await rig.pass(.seconds(70))
            _ = try await rig.memory.describe(1, RecipientChange(locale: .set("en")))
            try await send(rig, ["b"])
            try await rig.pass(.seconds(70))
        }
        #expect(try await rig.texts() == ["- -: a", "en -: b"])
    }

    @Test(
        "While settings cannot be read the windows stay due, and are notified afterwards", arguments: WindowLocation.all
    )
    func failing(place: WindowLocation) async throws {
        let definition = Reading()
        let rig = try await rig(place, definition)
        _ = try await rig.memory.describe(1, RecipientChange(locale: .set("en")))
        try await send(rig, ["a", "b"])
        rig.store.fail(["settings"])
        try await rig.running {
            for _ in 0..<40 {
                try await rig.calm()
                rig.clock.advance(by: .seconds(5))
            }
            #expect(rig.store.questions.count > 1)
            #expect(definition.contexts.isEmpty)
            #expect(try await rig.status(of: "a") == .new)
            rig.store.fail([])
            for _ in 0..<40 where try await rig.status(of: "a") == .new {
                try await rig.calm()
                rig.clock.advance(by: .seconds(5))
            }
            try await rig.calm()
        }
        #expect(try await rig.texts() == ["en -: a+b"])
        // No service failed, so no window waits for one.
        #expect(rig.store.postponements.isEmpty)
    }

    @Test(
        "Events that are left out are suppressed, and the notification counts only the others",
        arguments: WindowLocation.all)
    func leavingOut(place: WindowLocation) async throws {
        let rig = try await rig(place, Reading())
        try await rig.running {
            try await send(rig, ["a", "-b", "c", "-d"])
            // An unreadable event is dead-lettered as well.
            let bad = Samples(start: rig.clock.now).event(
                recipient: 1, type: Self.code, keyPart: nil, source: "test", producerID: "e", payload: #"{"text":1}"#)
            try await rig.store(bad, rig.windows.admission(of: .debounced(WindowPolicy())))
            try await rig.pass(.seconds(70))
        }
        let notification = try #require(try await rig.notifications().first)
        #expect(notification.content.fullText == "- -: a+c" && notification.eventCount == 2)
        for (id, status, reason) in [
            ("a", EventStatus.processed, nil), ("-b", .suppressed, "not_kept"), ("c", .processed, nil),
            ("-d", .suppressed, "not_kept"), ("e", .dead, "bad_payload"),
        ] {
            let event = try #require(try await rig.memory.event(publicID: id))
            #expect(event.status == status && event.reason == reason, "\(id)")
            #expect(event.notificationID == (status == .processed ? notification.id : nil), "\(id)")
        }
        let history = try await rig.operations.event("-b").history
        #expect(history.last?.step == .suppressed)
        let totals = rig.engine.counters.snapshot().totals
        #expect((totals.processed, totals.suppressed, totals.dead) == (2, 2, 1))
    }

    @Test("A window has the same name in all attempts, even if it moves into the store", arguments: WindowLocation.all)
    func name(place: WindowLocation) async throws {
        let definition = Reading { $0 <= 2 }
        let rig = try await rig(place, definition)
        try await rig.running {
            try await send(rig, ["a", "b"])
            try await rig.pass(.seconds(90))
            try await send(rig, ["c"])
            try await rig.pass(.seconds(70))
        }
        #expect(try await rig.texts() == ["- -: a+b", "- -: c"])
        let names = definition.contexts.map(\.window)
        try #require(names.count == 4)
        #expect(Set(names[0..<3]).count == 1 && names[3] != names[0] && !names[0].isEmpty)
        #expect(definition.contexts.allSatisfy { $0.recipient == 1 && $0.traceParent == nil })
    }

    @Test("A composition continues the trace of its events", arguments: WindowLocation.all)
    func trace(place: WindowLocation) async throws {
        let definition = Reading()
        let rig = try await rig(place, definition)
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let event = Samples(start: rig.clock.now).event(
            recipient: 1, type: Self.code, keyPart: nil, source: "test", producerID: "a", payload: #"{"text":"a"}"#,
            traceParent: trace)
        try await rig.store(event, rig.windows.admission(of: .debounced(WindowPolicy())))
        try await rig.running { try await rig.pass(.seconds(70)) }
        #expect(definition.contexts.map(\.traceParent) == [trace])
    }

    @Test("A replay uses the recipient's current settings, and counts the events in the notification")
    func replay() async throws {
        let definition = Reading()
        let rig = try await rig(.store, definition)
        try await rig.running {
            try await send(rig, ["a", "-b", "c"])
            try await rig.pass(.seconds(70))
        }
        _ = try await rig.memory.describe(1, RecipientChange(locale: .set("en")))
        let asked = rig.store.questions.count
        let replay = Replay(catalog: rig.catalog.current, store: rig.store, clock: rig.clock)
        let period = Replay.Period(since: TestClock.start, until: .distantFuture, type: nil, name: "test")
        let result = try await replay.run(period, sends: true)
        #expect(result.enqueued == 1 && result.reworded == 1)
        let notifications = try await rig.notifications()
        #expect(notifications.map(\.content.fullText) == ["- -: a+c", "en -: a+c"])
        #expect(notifications.map(\.eventCount) == [2, 2])
        #expect(rig.store.questions.count == asked + 1)
        #expect(Set(definition.contexts.map(\.window)).count == 2)
        // A second replay sends nothing.
        #expect(try await replay.run(period, sends: true).enqueued == 0)
    }
}
