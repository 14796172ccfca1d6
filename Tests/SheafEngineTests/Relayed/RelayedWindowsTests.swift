import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Windows outside the store", .timeLimit(.minutes(1)))
struct RelayedWindowsTests {
    /// Ends the event on its own, as another worker does that received another message of it.
    private static func end(_ publicID: String, in memory: MemoryStore) async throws {
        guard let event = try await memory.event(publicID: publicID)?.event else { return }
        _ = try await memory.transaction("other") { try $0.digest([Samples().digest([event])]) }
    }

    @Test("A window whose event another worker ended is composed again without it")
    func conflict() async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { _, call in
            if call == 1 { try await Self.end("a", in: memory) }
            return nil
        }
        let rig = try await Rig(.relayed, clock: clock, memory: memory, factory: factory)
        try await rig.running {
            for text in ["a", "b", "c"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
        }
        #expect(factory.calls == [["a", "b", "c"], ["b", "c"]])
        #expect(try await rig.texts().sorted() == ["b+c", Samples.content.fullText])
        #expect(rig.debouncer.releases == [.zero])
    }

    @Test("A window whose events another worker all ended ends without a notification")
    func endedElsewhere() async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { _, _ in
            try await Self.end("a", in: memory)
            return nil
        }
        let rig = try await Rig(.relayed, clock: clock, memory: memory, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.pass(.seconds(60))
        }
        #expect(factory.calls.count == 1)
        #expect(try await rig.texts() == [Samples.content.fullText])
        #expect(try await rig.openWindows().isEmpty)
    }

    @Test("A window that must wait for a service moves into the store, with all its events")
    func movesIntoStore() async throws {
        let service = Switch()
        let factory = TestFactory { _, _ in
            if service.isOn { return nil }
            throw SheafError(.upstream, "busy", retryAfter: .seconds(30))
        }
        let rig = try await Rig(.relayed, factory: factory)
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
            #expect(try await rig.debouncer.openWindows(after: nil, limit: 1).total == 0)
            let window = try #require(try await rig.store.openWindows(after: nil, limit: 10).items.first)
            #expect(window.events == 2 && window.waitsFor == .service && !window.isAlone)
            #expect(window.openedAt == TestClock.start)
            #expect(window.closesAt == TestClock.start + .seconds(90))
            #expect(rig.debouncer.held == 0)
            // Events that come meanwhile wait outside the store.
            try await rig.send(.tumbling, "c")
            service.turnOn()
            try await rig.pass(.seconds(60))
        }
        #expect(try await rig.texts() == ["a+b", "c"])
    }

    @Test("A window that cannot move into the store is handed back, and notified once the store is back")
    func cannotMove() async throws {
        let factory = TestFactory { _, call in if call <= 2 { throw Failures.transient } else { nil } }
        let rig = try await Rig(.relayed, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.calm()
            rig.store.fail(["adopt"])
            rig.clock.advance(by: .seconds(60))
            try await until("it was tried, and handed back") { rig.debouncer.releases == [.zero] }
            rig.store.fail([])
            try await rig.pass(.seconds(10), step: .milliseconds(250))
        }
        #expect(try await rig.texts() == ["a"])
    }

    @Test("If the debouncer was lost, the rescuer republishes all messages, and each event ends once")
    func debouncerLost() async throws {
        let first = try await Rig(.relayed)
        try await first.running {
            for number in 1...20 { try await first.send(.tumbling, "e\(number)", to: RecipientID(number % 3)) }
            try await first.calm()
        }
        #expect(try await first.debouncer.openWindows(after: nil, limit: 1).total == 3)
        let second = try await first.restarted()
        try await second.running {
            try await second.pass(.seconds(110))
            #expect(try await second.openWindows().isEmpty)
            try await second.pass(.seconds(45))
            #expect(try await second.openWindows().map(\.events).sorted() == [6, 7, 7])
            // Each has one notification and no more.
            try await second.pass(.seconds(900), step: .seconds(15))
        }
        var words: [String] = []
        for recipient: RecipientID in 0...2 { words += try await second.words(of: recipient) }
        #expect(words.sorted() == (1...20).map { "e\($0)" }.sorted())
        #expect(second.gateway.requests.count == 3)
    }

    @Test("Once windows live in the store, messages and events without a window get one there")
    func switched() async throws {
        let first = try await Rig(.relayed)
        try await first.running {
            for text in ["a", "b"] { try await first.send(.tumbling, text) }
            try await first.calm()
        }
        // Their messages are still in the outbox.
        try await first.send(.tumbling, "c")
        try await first.send(.immediate, "d")
        for text in ["e", "f"] { try await first.send(.leading, text) }
        let second = try await first.restarted(.store)
        try await second.running {
            try await until("single events are notified at once") { second.gateway.requests.count == 2 }
            #expect(try await second.texts().sorted() == ["d", "e"])
            try await second.pass(.seconds(60))
            #expect(try await second.texts().sorted() == ["c", "d", "e", "f"])
            // Only the rescuer handles the first two, whose windows then take their time.
            try await second.pass(.seconds(180))
        }
        #expect(try await second.texts().sorted() == ["a+b", "c", "d", "e", "f"])
        #expect(try await second.memory.statistics().newEvents == 0)
        #expect(second.gateway.counts.values.allSatisfy { $0 == 1 })
    }

    @Test("Once windows live outside the store, those in the store end there")
    func switchedBack() async throws {
        let first = try await Rig(.store)
        try await first.send(.tumbling, "a")
        try await first.send(.immediate, "b")
        let second = try await first.restarted(.relayed)
        try await second.running {
            try await second.send(.tumbling, "c")
            try await second.pass(.seconds(60))
        }
        #expect(try await second.texts().sorted() == ["a", "b", "c"])
    }

    private func handler(_ rig: Rig, wakeDigester: @escaping @Sendable () -> Void = {}) -> EventOccurredHandler {
        EventOccurredHandler(
            catalog: rig.catalog, store: rig.store, debouncer: rig.windows == .relayed ? rig.debouncer : nil,
            counters: rig.engine.counters, wakeDigester: wakeDigester)
    }

    @Test(
        "Messages that are handled twice change nothing", arguments: WindowLocation.all,
        [TestType.tumbling, .immediate, .leading, .small])
    func redelivery(place: WindowLocation, type: TestType) async throws {
        let former = try await Rig(.relayed)
        for text in ["a", "b"] { try await former.send(type, text) }
        let rig = try await former.restarted(place)
        let messages = try await rig.memory.outboxConsumer(of: .eventOccurred).receive(limit: 10)
        #expect(messages.count == 2)
        let handler = handler(rig)
        try await handler.handle(messages)
        try await handler.handle(messages + messages)
        // The engine receives them a third time.
        try await rig.running { try await rig.pass(.seconds(180)) }
        try await handler.handle(messages)
        #expect(try await rig.words().sorted() == ["a", "b"])
        #expect(rig.gateway.counts.values.allSatisfy { $0 == 1 })
        #expect(try await rig.memory.statistics().newEvents == 0)
    }

    @Test("An event whose message cannot be handled is dead-lettered alone")
    func givenUp() async throws {
        let rig = try await Rig(.relayed)
        for text in ["a", "b"] { try await rig.send(.tumbling, text) }
        let messages = try await rig.memory.outboxConsumer(of: .eventOccurred).receive(limit: 10)
        let handler = handler(rig)
        try await handler.deadLetter(messages[0], because: Failures.permanent)
        try await rig.running { try await rig.pass(.seconds(60)) }
        #expect(try await rig.status(of: "a") == .dead)
        #expect(try await rig.texts() == ["b"])
        // An event that has its window is not dead-lettered.
        try await handler.deadLetter(messages[1], because: Failures.permanent)
        #expect(try await rig.status(of: "b") == .processed)
        let letters = try await rig.memory.deadLetters(after: nil, limit: 10)
        #expect(letters.map(\.body) == [messages[0].message.body] && letters.map(\.reason) == ["handler_failed"])
    }

    @Test("The digester is woken for windows that were opened or are full, and for no others")
    func wakes() async throws {
        let wakeUp = WakeUp()
        let rig = try await Rig(.relayed)
        let handler = handler(rig) { wakeUp.notify() }
        let consumer = try await rig.memory.outboxConsumer(of: .eventOccurred)
        for (text, wakes) in [("a", 1), ("b", 1), ("c", 2), ("d", 3)] as [(String, UInt64)] {
            try await rig.send(.small, text)
            try await handler.handle(consumer.receive(limit: 10))
            #expect(wakeUp.generation == wakes)
        }
    }
}
