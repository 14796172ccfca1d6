import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@Suite("An engine under failures", .timeLimit(.minutes(1)))
struct FailureInvariantTests {
    @Test("An event whose payload cannot be read any more is given up alone, and the others are spoken of")
    func unreadablePayload() async throws {
        let rig = try await Rig()
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.store(#"{"words":7}"#, .tumbling, id: "bad")
            try await rig.send(.tumbling, "b")
            try await rig.pass(.seconds(60))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(try await rig.status(of: "bad") == .dead)
        let letters = try await rig.memory.deadLetters(after: nil, limit: 10)
        let bad = try #require(try await rig.memory.event(publicID: "bad"))
        #expect(letters.map(\.body) == [.event(bad.event.id)])
        #expect(letters.first?.reason == "bad_payload")
        #expect(letters.first?.message == #"{"words":7}"#)
    }

    @Test("Events that the factory refuses for good are given up, each with a dead letter")
    func refusedByFactory() async throws {
        let factory = TestFactory { texts, _ in
            if texts.contains("a") { throw SheafError(.refused, "no such sale") }
            return nil
        }
        let rig = try await Rig(factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.send(.tumbling, "b")
            try await rig.send(.tumbling, "c", to: 2)
            try await rig.pass(.seconds(60))
        }
        #expect(try await rig.status(of: "a") == .dead)
        #expect(try await rig.status(of: "b") == .dead)
        #expect(try await rig.texts(of: 2) == ["c"])
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).map(\.reason) == ["refused", "refused"])
    }

    @Test("A window that cannot be worded yet waits longer each time, and nothing of it is lost")
    func transientFactory() async throws {
        let rig = try await Rig(
            factory: TestFactory { _, call in if call <= 3 { throw Failures.transient } else { nil } })
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
            try await rig.pass(.seconds(10), step: .milliseconds(250))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(rig.factory.calls == Array(repeating: ["a", "b"], count: 4))
        let delays = rig.debouncer.releases
        try #require(delays.count == 3)
        for (delay, ceiling) in zip(delays, [1000, 2000, 4000]) {
            #expect(delay >= .milliseconds(ceiling / 2) && delay <= .milliseconds(ceiling))
        }
    }

    @Test("An immediate event that cannot be worded yet is tried again later")
    func transientImmediate() async throws {
        let rig = try await Rig(
            factory: TestFactory { _, call in if call <= 2 { throw Failures.transient } else { nil } })
        try await rig.running {
            try await rig.send(.immediate, "a")
            try await until("it was tried") { rig.factory.calls.count == 1 }
            try await rig.calm()
            #expect(rig.factory.calls.count == 1)
            try await rig.pass(.seconds(10), step: .milliseconds(250))
        }
        #expect(rig.factory.calls.count == 3)
        #expect(try await rig.texts() == ["a"])
    }

    @Test("One window's failure holds up no other")
    func independentWindows() async throws {
        let factory = TestFactory { texts, _ in
            if texts.contains("bad") { throw Failures.transient }
            return nil
        }
        let rig = try await Rig(factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "bad", to: 1)
            try await rig.send(.tumbling, "good", to: 2)
            try await rig.pass(.seconds(60))
            #expect(try await rig.texts(of: 2) == ["good"])
        }
        #expect(try await rig.status(of: "bad") == .new)
    }

    @Test("While the store cannot bind, windows wait; afterwards each ends once")
    func storeDown() async throws {
        let rig = try await Rig()
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.calm()
            rig.store.fail(["bind", "newEvents"])
            try await rig.pass(.seconds(120))
            #expect(try await rig.texts() == [])
            rig.store.fail([])
            try await rig.pass(.seconds(120))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).isEmpty)
    }

    @Test("A window of which another worker bound an event is worded anew without it")
    func bindingConflict() async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { texts, call in
            guard call == 1, let event = try await memory.event(publicID: "a")?.event else { return nil }
            try await memory.transaction("other") { try $0.bind([Samples().binding([event])]) }
            return nil
        }
        let rig = try await Rig(clock: clock, memory: memory, factory: factory)
        try await rig.running {
            for text in ["a", "b", "c"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
        }
        #expect(factory.calls == [["a", "b", "c"], ["b", "c"]])
        #expect(try await rig.texts().sorted() == ["b+c", Samples.content.fullText])
        #expect(rig.debouncer.releases.isEmpty)
    }

    @Test("A window all of whose events another worker bound ends without a word")
    func boundElsewhere() async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { texts, _ in
            guard let event = try await memory.event(publicID: "a")?.event else { return nil }
            try await memory.transaction("other") { try $0.bind([Samples().binding([event])]) }
            return nil
        }
        let rig = try await Rig(clock: clock, memory: memory, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.pass(.seconds(60))
        }
        #expect(try await rig.texts() == [Samples.content.fullText])
        #expect(try await rig.debouncer.openWindows(after: nil, limit: 1).total == 0)
    }

    @Test("Where the debouncer was lost, the delayed message makes the first event wait anew")
    func debouncerLost() async throws {
        let first = try await Rig()
        try await first.running {
            try await first.send(.tumbling, "a")
            try await first.calm()
        }
        let second = try await first.restarted()
        try await second.running {
            try await second.pass(.seconds(64))
            #expect(try await second.debouncer.openWindows(after: nil, limit: 1).total == 0)
            try await second.pass(.seconds(1))
            #expect(try await second.debouncer.openWindows(after: nil, limit: 1).total == 1)
            try await second.pass(.seconds(60))
            #expect(try await second.texts() == ["a"])
            try await second.pass(.seconds(600), step: .seconds(15))
        }
        #expect(try await second.texts() == ["a"])
    }

    @Test("Where the debouncer was lost, the sweeper makes all events occur again, and each ends once")
    func debouncerLostWithMany() async throws {
        let first = try await Rig()
        try await first.running {
            for number in 1...20 { try await first.send(.tumbling, "e\(number)", to: RecipientID(number % 3)) }
            try await first.calm()
        }
        let second = try await first.restarted()
        try await second.running { try await second.pass(.seconds(400)) }
        var texts: [String] = []
        for recipient: RecipientID in 0...2 {
            texts += try await second.texts(of: recipient).flatMap { $0.split(separator: "+").map(String.init) }
        }
        #expect(texts.sorted() == (1...20).map { "e\($0)" }.sorted())
    }

    @Test(
        "Messages that are handled twice change nothing", arguments: [TestType.tumbling, .immediate, .leading, .small])
    func redelivery(type: TestType) async throws {
        let rig = try await Rig()
        for text in ["a", "b"] { try await rig.send(type, text) }
        let messages = try await rig.memory.outboxConsumer(of: .eventOccurred).receive(limit: 10)
        #expect(messages.count == 2)
        let handler = EventOccurredHandler(
            catalog: rig.catalog, store: rig.store, debouncer: rig.debouncer,
            composer: Composer(
                catalog: rig.catalog, store: rig.store, clock: rig.clock, counters: rig.engine.counters,
                logger: Rig.logger),
            wakeCloser: {})
        try await handler.handle(messages)
        try await handler.handle(messages + messages)
        // The engine gets them a third time.
        try await rig.running { try await rig.pass(.seconds(180)) }
        try await handler.handle(messages)
        let words = try await rig.texts().flatMap { $0.split(separator: "+").map(String.init) }
        #expect(words.sorted() == ["a", "b"])
        #expect(rig.gateway.counts.values.allSatisfy { $0 == 1 })
        #expect(try await rig.memory.statistics().newEvents == 0)
    }

    @Test("An event of a type that is not known any more is given up")
    func unknownType() async throws {
        let rig = try await Rig()
        let event = Samples(start: rig.clock.now).event(type: 99, producerID: "old")
        try await rig.memory.transaction("test") { transaction in
            _ = try transaction.append([event])
            try transaction.publish([QueueMessage(key: event.recipient, body: .event(event.id))])
        }
        try await rig.running { try await rig.calm() }
        #expect(try await rig.status(of: "old") == .dead)
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).map(\.reason) == ["unknown_type"])
    }
}
