import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Rescuer")
struct RescuerTests {
    private let clock = TestClock()
    private let store: MemoryStore
    private let debouncer: ObservedDebouncer
    private let rescuer: Rescuer

    init() throws {
        store = MemoryStore(clock: clock)
        debouncer = ObservedDebouncer(clock: clock)
        rescuer = Rescuer(
            catalog: try TestFactory().catalog(), store: store, debouncer: debouncer, clock: clock, logger: Rig.logger)
    }

    private func another(limit: Int = 100_000, queue: QueueMonitor? = nil) throws -> Rescuer {
        Rescuer(
            catalog: try TestFactory().catalog(), store: store, debouncer: debouncer, queue: queue, limit: limit,
            clock: clock, logger: Rig.logger)
    }

    /// Stores events that have no message.
    private func lose(_ count: Int = 1, _ type: TestType = .tumbling) async throws -> [Event] {
        let samples = Samples(start: clock.now)
        let events = (0..<count).map { _ in samples.event(type: type.code) }
        _ = try await store.transaction("test") { try $0.accept(Samples.admitted(events, as: .relayed)) }
        return events
    }

    private func backlog() async throws -> Int { try await store.statistics().backlog[.eventOccurred] ?? 0 }

    @Test("A lost event's message is republished a minute after its window should have ended")
    func lost() async throws {
        let event = try await lose()[0]
        clock.advance(by: .seconds(120))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .microseconds(1))
        #expect(try await rescuer.rescue() == 1)
        let messages = try await store.outboxConsumer(of: .eventOccurred).receive(limit: 10)
        #expect(messages.map(\.message.body) == [.event(event.id)])
        #expect(messages.map(\.message.key) == [event.recipient])
    }

    @Test("The messages of all lost events are republished, in more than one batch")
    func many() async throws {
        let events = try await lose(1201)
        clock.advance(by: .seconds(300))
        #expect(try await rescuer.rescue() == 1201)
        let messages = try await store.outboxConsumer(of: .eventOccurred).receive(limit: 5000)
        #expect(Set(messages.map(\.message.body)) == Set(events.map { .event($0.id) }))
    }

    @Test("An event in an open or claimed window is left alone")
    func waiting() async throws {
        let event = try await lose()[0]
        _ = try await debouncer.add([
            DebounceEntry(event: event.id, key: event.windowKey, policy: WindowPolicy(length: .seconds(600)))
        ])
        clock.advance(by: .seconds(300))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .seconds(300))
        #expect(try await debouncer.claim(windows: 1, events: 1, lease: .seconds(600)).claims.count == 1)
        #expect(try await rescuer.rescue() == 0)
        #expect(try await backlog() == 0)
    }

    @Test("An event is left alone while a message as old as the event is on its way")
    func olderMessage() async throws {
        let samples = Samples(start: clock.now)
        try await store.transaction("test") {
            try $0.publish([QueueMessage(key: 1, body: .event(samples.eventID()))])
        }
        _ = try await lose()
        clock.advance(by: .seconds(300))
        #expect(try await rescuer.rescue() == 0)
        let consumer = try await store.outboxConsumer(of: .eventOccurred)
        try await consumer.acknowledge(consumer.receive(limit: 1))
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("A message younger than the event does not delay its rescue")
    func youngerMessage() async throws {
        _ = try await lose()
        clock.advance(by: .seconds(300))
        let samples = Samples(start: clock.now)
        try await store.transaction("test") {
            try $0.publish([QueueMessage(key: 1, body: .event(samples.eventID()))])
        }
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("A lost event's message is republished at most every ten minutes, for as long as it stays lost")
    func oncePerTenMinutes() async throws {
        _ = try await lose()
        clock.advance(by: .seconds(300))
        #expect(try await rescue(times: 1) == 1)
        // Its message is lost each time.
        #expect(try await rescue(times: 20) == 0)
        #expect(try await rescue(times: 40) == 2)
    }

    @Test("No event is rescued twice within ten minutes, however many are lost, and all get their turn")
    func bounded() async throws {
        let rescuer = try another(limit: 10)
        let events = try await lose(35) + lose(12, .small)
        clock.advance(by: .seconds(300))
        let consumer = try await store.outboxConsumer(of: .eventOccurred)
        var occurred: [MessageBody: [Timestamp]] = [:]
        for _ in 0..<200 {
            let count = try await rescuer.rescue()
            #expect(count <= 20)
            if count > 0 {
                let messages = try await consumer.receive(limit: 100)
                for message in messages { occurred[message.message.body, default: []].append(clock.now) }
                // The messages are lost again.
                try await consumer.acknowledge(messages)
            }
            clock.advance(by: .seconds(30))
        }
        #expect(Set(occurred.keys) == Set(events.map { .event($0.id) }))
        for times in occurred.values {
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 > .seconds(600) })
        }
    }

    @Test("An event that one process rescued is left alone by others for ten minutes")
    func otherProcess() async throws {
        _ = try await lose()
        clock.advance(by: .seconds(300))
        #expect(try await rescuer.rescue() == 1)
        let consumer = try await store.outboxConsumer(of: .eventOccurred)
        try await consumer.acknowledge(consumer.receive(limit: 10))
        clock.advance(by: .seconds(600))
        #expect(try await another().rescue() == 0)
        clock.advance(by: .seconds(1))
        #expect(try await another().rescue() == 1)
    }

    @Test("A redriven event is left alone for ten minutes")
    func redriven() async throws {
        let event = try await lose()[0]
        clock.advance(by: .seconds(300))
        try await store.transaction("test") { transaction in
            try transaction.note([HistoryNote(subject: .event(event.id), at: transaction.now, step: .redriven)])
        }
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .seconds(601))
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("An event is left alone while the queue has messages as old as the event")
    func waitingInQueue() async throws {
        let queue = FlakyQueue(clock: clock)
        let monitor = QueueMonitor(queue, clock: clock, logger: Rig.logger)
        let rescuer = try another(queue: monitor)
        func look() async throws {
            monitor.notePublished(before: clock.now)
            try await monitor.look()
        }
        let event = try await lose()[0]
        try await queue.publish([QueueMessage(key: event.recipient, body: .event(event.id))])
        clock.advance(by: .seconds(300))
        // Nothing is known of the queue yet.
        #expect(try await rescuer.rescue() == 0)
        try await look()
        #expect(try await rescuer.rescue() == 0)
        let consumer = try await queue.consumer(of: .eventOccurred)
        try await consumer.acknowledge(consumer.receive(limit: 1))
        try await look()
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("A queue that does not respond for long does not prevent a rescue")
    func silentQueue() async throws {
        let queue = FlakyQueue(clock: clock)
        queue.setDown(true)
        let rescuer = try another(queue: QueueMonitor(queue, clock: clock, logger: Rig.logger))
        _ = try await lose()
        clock.advance(by: .seconds(600))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .seconds(1))
        #expect(try await rescuer.rescue() == 1)
    }

    /// Runs the rescuer every half minute; all messages are lost.
    private func rescue(times: Int) async throws -> Int {
        let consumer = try await store.outboxConsumer(of: .eventOccurred)
        var count = 0
        for _ in 0..<times {
            count += try await rescuer.rescue()
            if try await backlog() > 0 { try await consumer.acknowledge(consumer.receive(limit: 10)) }
            clock.advance(by: .seconds(30))
        }
        return count
    }

    @Test("Events that have ended are not rescued")
    func ended() async throws {
        let events = try await lose(2)
        try await store.transaction("test") { transaction in
            _ = try transaction.digest([Samples().digest([events[0]], composition: .suppressed(reason: "refused"))])
            _ = try transaction.markDead([events[1].id], reason: "refused")
        }
        clock.advance(by: .seconds(3600))
        #expect(try await rescuer.rescue() == 0)
    }

    @Test("A lost immediate event is rescued after a minute")
    func immediate() async throws {
        _ = try await lose(1, .immediate)
        clock.advance(by: .seconds(60))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .microseconds(1))
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("Events in windows of the store are not rescued, however long they wait")
    func stored() async throws {
        let event = Samples(start: clock.now).event(type: TestType.tumbling.code)
        try await store.transaction("test") { transaction in
            _ = try transaction.accept([AdmittedEvent(event, .window(WindowPolicy(length: .seconds(86_400))))])
        }
        clock.advance(by: .seconds(3600))
        #expect(try await rescuer.rescue() == 0)
    }

    @Test("Once windows live in the store, events that waited outside it are rescued by age alone")
    func withoutDebouncer() async throws {
        let event = try await lose()[0]
        _ = try await debouncer.add([
            DebounceEntry(event: event.id, key: event.windowKey, policy: WindowPolicy(length: .seconds(600)))
        ])
        let rescuer = Rescuer(
            catalog: try TestFactory().catalog(), store: store, debouncer: nil, clock: clock, logger: Rig.logger)
        clock.advance(by: .seconds(120))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .microseconds(1))
        #expect(try await rescuer.rescue() == 1)
    }

    // MARK: - Notifications

    /// Stores a notification that has no message.
    private func loseNotification() async throws -> NotificationID {
        let event = try await lose()[0]
        let digest = Samples(start: clock.now).digest([event])
        _ = try await store.transaction("test") { try $0.digest([digest]) }
        let consumer = try await store.outboxConsumer(of: .notificationSend)
        let messages = try await consumer.receive(limit: 100)
        try await consumer.acknowledge(messages.filter { $0.message.body == .notification(digest.id) })
        return digest.id
    }

    private func publish(_ id: NotificationID, delay: Duration) async throws {
        try await store.transaction("test") {
            try $0.publish([QueueMessage(key: 1, body: .notification(id), delay: delay)])
        }
    }

    @Test("A pending notification whose message was lost is rescued, at most every ten minutes")
    func lostNotification() async throws {
        let id = try await loseNotification()
        clock.advance(by: .seconds(360))
        #expect(try await rescuer.rescue() == 0)
        clock.advance(by: .microseconds(1))
        #expect(try await rescuer.rescue() == 1)
        let consumer = try await store.outboxConsumer(of: .notificationSend)
        let messages = try await consumer.receive(limit: 10)
        #expect(messages.map(\.message) == [QueueMessage(key: Samples.recipient, body: .notification(id))])
        #expect(try await store.notes(of: [.notification(id)]).map(\.step) == [.swept])
        try await consumer.acknowledge(messages)
        clock.advance(by: .seconds(600))
        #expect(try await rescuer.rescue() + another().rescue() == 0)
        clock.advance(by: .seconds(1))
        #expect(try await rescuer.rescue() == 1)
    }

    @Test("A notification that waits for a retry is left alone, even if the wait is long")
    func waitingForAttempt() async throws {
        let id = try await loseNotification()
        clock.advance(by: .seconds(100))
        let attempt = Samples.attempt(1, at: clock.now, .retry, httpStatus: 503)
        _ = try await store.transaction("test") {
            try $0.record([DeliveryRecord(notification: id, attempt: attempt)])
        }
        clock.advance(by: .seconds(359))
        #expect(try await rescuer.rescue() == 0)
        try await publish(id, delay: .seconds(3600))
        clock.advance(by: .seconds(3599))
        #expect(try await rescuer.rescue() == 0)
    }

    @Test("Delivered and failed notifications are not rescued, nor those whose message waits in the queue")
    func notLost() async throws {
        let queue = FlakyQueue(clock: clock)
        let monitor = QueueMonitor(queue, clock: clock, logger: Rig.logger)
        let rescuer = try another(queue: monitor)
        for outcome in [DeliveryAttempt.Outcome.delivered, .failed] {
            let id = try await loseNotification()
            let attempt = Samples.attempt(1, at: clock.now, outcome)
            _ = try await store.transaction("test") {
                try $0.record([DeliveryRecord(notification: id, attempt: attempt)])
            }
        }
        let waiting = try await loseNotification()
        try await queue.publish([QueueMessage(key: 1, body: .notification(waiting))])
        for _ in 0..<100 {
            clock.advance(by: .seconds(30))
            monitor.notePublished(before: clock.now)
            try await monitor.look()
            #expect(try await rescuer.rescue() == 0)
        }
    }

    @Test("However many notifications are lost, all are rescued, each at most every ten minutes")
    func manyNotifications() async throws {
        let rescuer = try another(limit: 10)
        var lost: Set<MessageBody> = []
        for _ in 0..<25 { lost.insert(.notification(try await loseNotification())) }
        clock.advance(by: .seconds(400))
        let consumer = try await store.outboxConsumer(of: .notificationSend)
        var sent: [MessageBody] = []
        for _ in 0..<60 {
            let count = try await rescuer.rescue()
            #expect(count <= 10)
            if count > 0 {
                let messages = try await consumer.receive(limit: 100)
                sent += messages.map(\.message.body)
                try await consumer.acknowledge(messages)
            }
            clock.advance(by: .seconds(30))
        }
        // Half an hour has room for three rescues.
        #expect(Set(sent) == lost && sent.count <= 3 * lost.count)
    }
}
