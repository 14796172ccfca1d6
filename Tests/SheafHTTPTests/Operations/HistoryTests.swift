import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("The history of an event")
struct HistoryTests {
    let site: Site
    let windowKey = "sale_item_changed:42:7"

    init() throws { site = try Site(windows: .relayed) }

    @Test("A new event waits to be put into a window")
    func justCome() async throws {
        let event = try await stored(1)[0]
        #expect(
            try await history(event) == [
                "09:00:00 received: received from http",
                "09:00:00 waiting: waiting to be put into window sale_item_changed:42:7",
            ])
    }

    @Test("An immediate event waits for its turn")
    func immediate() async throws {
        let event = site.samples.event(type: 2, keyPart: nil, source: "file")
        _ = try await site.store.transaction("append") { try $0.accept(Samples.admitted([event], as: .alone)) }
        #expect(
            try await history(event) == [
                "09:00:00 received: received from file", "09:00:00 waiting: waiting for its turn to be notified of",
            ])
    }

    @Test("An event in a window waits with the others until the window closes")
    func waiting() async throws {
        let events = try await stored(3)
        site.clock.advance(by: .seconds(1))
        try await wait([events[0]])
        #expect(
            try await history(events[0]) == [
                "09:00:00 received: received from http",
                "09:00:01 window_opened: window sale_item_changed:42:7 opened",
                "09:00:01 waiting: waiting in window sale_item_changed:42:7 until 2026-11-23T09:01:01.000Z",
            ])
        try await wait([events[1]])
        #expect(
            try await history(events[0]).last
                == "09:00:01 waiting: waiting in window sale_item_changed:42:7 with 1 other event until "
                + "2026-11-23T09:01:01.000Z")
        try await wait([events[2]])
        #expect(try await history(events[2]).last?.contains("with 2 other events until") == true)
        site.clock.advance(by: .seconds(60))
        #expect(
            try await history(events[0]).last
                == "09:01:01 window_closed: window sale_item_changed:42:7 closed; waiting in it with 2 other events "
                + "to be digested")
    }

    @Test("An event in a window of the store waits until it closes, or for a failing service")
    func waitingInStore() async throws {
        let site = try Site()
        let event = site.samples.event()
        try await site.accept([event])
        let opened = "09:00:00 window_opened: window sale_item_changed:42:7 opened"
        func history() async throws -> [String] {
            try await site.operations().event(event.publicID).history.map {
                "\($0.at.description.dropFirst(11).prefix(8)) \($0.step.rawValue): \($0.detail)"
            }
        }
        #expect(
            try await history() == [
                "09:00:00 received: received from http", opened,
                "09:00:00 waiting: waiting in window sale_item_changed:42:7 until 2026-11-23T09:01:00.000Z",
            ])
        site.clock.advance(by: .seconds(60))
        try await site.postpone(by: .seconds(30))
        #expect(
            try await history() == [
                "09:00:00 received: received from http",
                "09:00:00 waiting: waiting until 2026-11-23T09:01:30.000Z for a service that fails",
            ])
    }

    @Test("An event whose window waited for a service shows how long, and how often it was tried")
    func waitedForService() async throws {
        let site = try Site()
        let event = site.samples.event()
        try await site.accept([event])
        site.clock.advance(by: .seconds(60))
        try await site.postpone(by: .seconds(30))
        site.clock.advance(by: .seconds(30))
        try await site.postpone(by: .seconds(577))
        site.clock.advance(by: .seconds(577))
        let digest = site.samples.digest(try #require(try await site.claims().first))
        _ = try await site.store.transaction("digest") { try $0.digest([digest]) }
        let history = try await site.operations().event(event.publicID).history
        #expect(history.map(\.step) == [.received, .windowOpened, .windowClosed, .waiting, .bound])
        let step = try #require(history.first { $0.step == .waiting })
        #expect(step.detail == "waited 10 min 7 s for a service that failed; tried 3 times")
        #expect(step.at == history[2].at)
    }

    @Test("An event whose window was lost by a worker shows how often it was tried")
    func lostByWorker() async throws {
        let site = try Site()
        let event = site.samples.event()
        try await site.accept([event])
        site.clock.advance(by: .seconds(60))
        _ = try await site.claims()
        site.clock.advance(by: .seconds(3600))
        let digest = site.samples.digest(try #require(try await site.claims().first))
        _ = try await site.store.transaction("digest") { try $0.digest([digest]) }
        let history = try await site.operations().event(event.publicID).history
        #expect(
            history.first { $0.step == .waiting }?.detail
                == "tried 2 times: workers ended, or lost it, while they held it")
    }

    @Test("A notification that waited for an earlier one of its recipient says so")
    func heldBack() async throws {
        let events = try await stored(2)
        let (first, second) = (site.samples.digest([events[0]]), site.samples.digest([events[1]]))
        try await end(first, after: .seconds(1))
        try await record(first, 1, .retry, 503, nil)
        try await end(second, after: .seconds(1))
        let id = second.id
        try await site.store.transaction("hold") {
            try $0.hold([QueueMessage(key: 42, body: .notification(id))])
        }
        #expect(
            try await history(events[1]).last?.contains(
                "waiting: held back behind an earlier notification of the recipient") == true)
        site.clock.advance(by: .seconds(10))
        try await record(first, 2, .delivered, 200, nil)
        try await record(second, 1, .delivered, 200, nil)
        #expect(
            try await history(events[1]).contains {
                $0.contains("waiting: held back until") && $0.contains("behind notification \(first.id)")
            })
        #expect(try await history(events[0]).allSatisfy { !$0.contains("held back") })
    }

    @Test("An event that joins an open window waits from the time it came")
    func joining() async throws {
        let first = try await stored(1)
        try await wait(first)
        site.clock.advance(by: .seconds(10))
        let late = site.samples.event(receivedAt: site.clock.now)
        _ = try await site.store.transaction("append") { try $0.accept(Samples.admitted([late], as: .relayed)) }
        try await wait([late])
        #expect(
            try await history(late) == [
                "09:00:00 window_opened: window sale_item_changed:42:7 opened",
                "09:00:10 received: received from http",
                "09:00:10 waiting: waiting in window sale_item_changed:42:7 with 1 other event until "
                    + "2026-11-23T09:01:00.000Z",
            ])
    }

    @Test("If windows cannot be read, the event is still shown")
    func unknownWindow() async throws {
        let event = try await stored(1)[0]
        let operations = site.operations(debouncer: BrokenDebouncer())
        let document = try await operations.event(event.publicID)
        #expect(
            document.history.map(\.detail) == [
                "received from http",
                "waiting in window sale_item_changed:42:7, which cannot be looked up at the moment",
            ])
        #expect(document.window == windowKey)
    }

    @Test("An event is said to share its outcome only with the events that do")
    func exceptions() async throws {
        let events = try await stored(5)
        let kept = events.dropFirst(2).map { EventException(event: $0.id, status: .suppressed, reason: "not_kept") }
        try await end(site.samples.digest(events, window: window, exceptions: kept), after: .seconds(61))
        #expect(try await history(events[0]).last?.contains(" digested with 1 other event into ") == true)
        #expect(
            try await history(events[4]).last == "09:01:01 suppressed: suppressed, with no notification: not kept")
    }

    @Test("A digested event shows its window, notification, attempts and delivery")
    func delivered() async throws {
        let events = try await stored(10)
        let digest = site.samples.digest(events, window: window)
        try await end(digest, after: .seconds(61))
        try await attempt(1, .retry, httpStatus: 503, error: "the gateway is busy")
        try await attempt(2, .retry, error: "no answer within 10s")
        try await attempt(3, .delivered, httpStatus: 200)
        func attempt(
            _ number: Int, _ outcome: DeliveryAttempt.Outcome, httpStatus: Int? = nil, error: String? = nil
        ) async throws {
            try await record(digest, number, outcome, httpStatus, error)
        }
        site.clock.advance(by: .seconds(1))
        _ = try await site.store.transaction("read") { try $0.markRead(recipient: 42, digest.id) }
        #expect(
            try await history(events[4]) == [
                "09:00:00 received: received from http",
                "09:00:01 window_opened: window sale_item_changed:42:7 opened",
                "09:01:01 window_closed: window sale_item_changed:42:7 closed with 10 events",
                "09:01:01 bound: digested with 9 other events into notification \(digest.id)",
                "09:01:02 delivery_attempt: delivery attempt 1 failed, to be tried again (HTTP 503, the gateway is busy)",
                "09:01:03 delivery_attempt: delivery attempt 2 failed, to be tried again (no answer within 10s)",
                "09:01:04 delivery_attempt: delivery attempt 3 delivered (HTTP 200)",
                "09:01:04 delivered: delivered to the gateway",
                "09:01:05 read: read by the recipient",
            ])
        let document = try await site.operations().event(events[4].publicID)
        #expect(document.window == windowKey)
        #expect(document.event.notificationID == digest.id)
    }

    @Test("A notification that the gateway refused is shown as failed")
    func failed() async throws {
        let event = try await stored(1)[0]
        let digest = site.samples.digest([event], isAlone: true)
        try await end(digest, after: .seconds(1))
        try await record(digest, 1, .failed, 400, "bad request")
        #expect(
            try await history(event) == [
                "09:00:00 received: received from http",
                "09:00:01 bound: digested by itself into notification \(digest.id)",
                "09:00:02 delivery_attempt: delivery attempt 1 failed for good (HTTP 400, bad request)",
                "09:00:02 failed: delivery failed after 1 attempt; a dead letter holds the notification",
            ])
        #expect(try await site.operations().event(event.publicID).window == nil)
    }

    @Test("A suppressed event shows the reason")
    func suppressed() async throws {
        let events = try await stored(2)
        try await end(
            site.samples.digest(events, window: window, composition: .suppressed(reason: "no_banned_items")),
            after: .seconds(61))
        #expect(
            try await history(events[0]) == [
                "09:00:00 received: received from http",
                "09:00:01 window_opened: window sale_item_changed:42:7 opened",
                "09:01:01 window_closed: window sale_item_changed:42:7 closed with 2 events",
                "09:01:01 suppressed: suppressed with 1 other event, with no notification: no banned items",
            ])
        let document = try await site.operations().event(events[0].publicID)
        #expect(document.event.reason == "no_banned_items")
        #expect(document.event.notificationID == nil)
    }

    @Test("A dead event shows the reason")
    func dead() async throws {
        let event = try await stored(1)[0]
        site.clock.advance(by: .seconds(3))
        _ = try await site.store.transaction("dead") { try $0.markDead([event.id], reason: "bad_payload") }
        #expect(
            try await history(event) == [
                "09:00:00 received: received from http", "09:00:03 dead: dead-lettered: bad payload",
            ])
    }

    @Test("A redriven event shows that it was dead, and the reason")
    func redriven() async throws {
        let event = try await stored(1)[0]
        let letter = site.samples.deadLetter(.event(event.id), reason: "bad_payload")
        site.clock.advance(by: .seconds(3))
        try await site.store.transaction("dead") { transaction in
            _ = try transaction.markDead([event.id], reason: "bad_payload")
            try transaction.insert([letter])
        }
        try await site.operations().redrive(letter.id.description)
        #expect(
            try await history(event) == [
                "09:00:00 received: received from http", "09:00:00 dead: dead-lettered: bad payload",
                "09:00:03 redriven: redriven: it is tried again",
                "09:00:03 waiting: waiting to be put into window sale_item_changed:42:7",
            ])
    }

    @Test("A notification's redrive is shown between its attempts")
    func redrivenNotification() async throws {
        let event = try await stored(1)[0]
        let digest = site.samples.digest([event], isAlone: true)
        let letter = site.samples.deadLetter(.notification(digest.id), reason: "refused")
        try await end(digest, after: .seconds(1))
        try await record(digest, 1, .failed, 400, "bad request")
        try await site.store.transaction("dead") { try $0.insert([letter]) }
        site.clock.advance(by: .seconds(1))
        try await site.operations().redrive(letter.id.description)
        try await record(digest, 2, .delivered, 200, nil)
        #expect(
            try await history(event).dropFirst(2) == [
                "09:00:02 delivery_attempt: delivery attempt 1 failed for good (HTTP 400, bad request)",
                "09:00:03 redriven: notification redriven: its delivery is tried again",
                "09:00:04 delivery_attempt: delivery attempt 2 delivered (HTTP 200)",
                "09:00:04 delivered: delivered to the gateway",
            ])
    }

    @Test("An event whose message was republished shows it")
    func swept() async throws {
        let event = try await stored(1)[0]
        site.clock.advance(by: .seconds(90))
        try await site.store.transaction("sweep") {
            try $0.note([HistoryNote(subject: .event(event.id), at: $0.now, step: .swept)])
        }
        #expect(
            try await history(event) == [
                "09:00:00 received: received from http",
                "09:01:30 swept: its message was lost, and republished",
                "09:01:30 waiting: waiting to be put into window sale_item_changed:42:7",
            ])
    }

    @Test("An event that another took back names it as its producer does, or by Sheaf's own identifier once it is gone")
    func retracted() async throws {
        let (taken, retractor) = (site.samples.event(), site.samples.event(recipient: 43, producerID: "order-7"))
        _ = try await site.store.transaction("accept") {
            try $0.accept(Samples.admitted([taken, retractor], as: .relayed))
        }
        try await site.store.transaction("retract") {
            _ = try $0.retract([taken.id])
            try $0.note([
                HistoryNote(
                    subject: .event(taken.id), at: $0.now, step: .retracted, reason: retractor.id.description)
            ])
        }
        #expect(
            try await history(taken).last
                == "09:00:00 suppressed: suppressed, with no notification: retracted by event order-7")
        _ = try await site.store.transaction("erase") { try $0.erase(recipient: 43, limit: 10) }
        #expect(
            try await history(taken).last
                == "09:00:00 suppressed: suppressed, with no notification: retracted by event \(retractor.id)")
    }

    // MARK: Help

    private var window: WindowSpan {
        WindowSpan(
            key: Samples.key(), openedAt: TestClock.start + .seconds(1), closesAt: TestClock.start + .seconds(61))
    }

    private func stored(_ count: Int) async throws -> [Event] {
        let events = site.samples.events(count)
        _ = try await site.store.transaction("append") { try $0.accept(Samples.admitted(events, as: .relayed)) }
        return events
    }

    private func wait(_ events: [Event]) async throws {
        _ = try await site.debouncer?.add(
            events.map { DebounceEntry($0, TestTypes.window) })
    }

    private func end(_ digest: Digest, after delay: Duration) async throws {
        site.clock.advance(by: delay)
        let ended = try await site.store.transaction("digest") { try $0.digest([digest]) }
        #expect(ended == [digest.id])
    }

    private func record(
        _ digest: Digest, _ number: Int, _ outcome: DeliveryAttempt.Outcome, _ httpStatus: Int?, _ error: String?
    ) async throws {
        site.clock.advance(by: .seconds(1))
        let attempt = Samples.attempt(number, at: site.clock.now, outcome, httpStatus: httpStatus, error: error)
        _ = try await site.store.transaction("record") {
            try $0.record([DeliveryRecord(notification: digest.id, attempt: attempt)])
        }
    }

    /// The steps, each with time of day, step and detail.
    private func history(_ event: Event) async throws -> [String] {
        try await site.operations().event(event.publicID).history.map { step in
            "\(step.at.description.dropFirst(11).prefix(8)) \(step.step.rawValue): \(step.detail)"
        }
    }
}
