import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafEngine
@testable import SheafMemory

@Suite("An engine under failures", .timeLimit(.minutes(1)))
struct FailureInvariantTests {
    @Test(
        "An event with an unreadable payload is dead-lettered alone, and the others are notified",
        arguments: WindowLocation.all)
    func unreadablePayload(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.store(#"{"words":7}"#, .tumbling, id: "bad")
            try await rig.send(.tumbling, "b")
            try await rig.pass(.seconds(60))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(try await rig.notifications().map(\.eventCount) == [2])
        for id in ["a", "b"] { #expect(try await rig.status(of: id) == .processed) }
        #expect(try await rig.status(of: "bad") == .dead)
        let letters = try await rig.memory.deadLetters(after: nil, limit: 10)
        let bad = try #require(try await rig.memory.event(publicID: "bad"))
        #expect(letters.map(\.body) == [.event(bad.event.id)])
        #expect(letters.first?.reason == "bad_payload")
        #expect(letters.first?.message == #"{"words":7}"#)
        #expect(try await rig.endedWindow(of: "a")?.events == 3)
    }

    @Test(
        "Events that the factory refuses for good are dead-lettered, each with its own letter",
        arguments: WindowLocation.all)
    func refusedByFactory(place: WindowLocation) async throws {
        let factory = TestFactory { texts, _ in
            if texts.contains("a") { throw SheafError(.refused, "no such sale") }
            return nil
        }
        let rig = try await Rig(place, factory: factory)
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

    @Test("One window's failure delays no other", arguments: WindowLocation.all)
    func independentWindows(place: WindowLocation) async throws {
        let factory = TestFactory { texts, _ in
            if texts.contains("bad") { throw Failures.transient }
            return nil
        }
        let rig = try await Rig(place, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "bad", to: 1)
            try await rig.send(.tumbling, "good", to: 2)
            try await rig.pass(.seconds(60))
            #expect(try await rig.texts(of: 2) == ["good"])
        }
        #expect(try await rig.status(of: "bad") == .new)
    }

    @Test(
        "A type whose service hangs delays no other, and no more of it is composed than its budget allows",
        arguments: WindowLocation.all)
    func slowType(place: WindowLocation) async throws {
        let factory = TestFactory { texts, _ in
            if texts.contains(where: { $0.hasPrefix("slow") }) { try await Task.sleep(for: .seconds(3600)) }
            return nil
        }
        var options = Engine.Options()
        options.digest.windows = 8
        let rig = try await Rig(place, factory: factory, options: options)
        try await rig.running {
            for number: RecipientID in 1...60 { try await rig.send(.tumbling, "slow\(number)", to: number) }
            for number: RecipientID in 1...60 { try await rig.send(.small, "\(number)", to: number) }
            for _ in 0..<12 {
                rig.clock.advance(by: .seconds(5))
                for _ in 0..<50 { await Task.yield() }
            }
            try await until("the other type's windows are delivered") {
                // Windows outside the store are claimed in small batches.
                rig.clock.advance(by: .milliseconds(1))
                return rig.gateway.requests.count == 60
            }
            try await rig.send(.immediate, "now")
            try await until("an immediate event is delivered") { rig.gateway.requests.count == 61 }
        }
        #expect(Set(rig.gateway.requests.map(\.type)) == ["small", "immediate"])
        let slow = rig.factory.calls.joined().count { $0.hasPrefix("slow") }
        // The store and the debouncer have separate budgets.
        #expect(slow <= (place == .store ? 8 : 16))
        #expect(slow >= 8)
        #expect(try await rig.memory.statistics().newEvents == 60)
    }

    @Test("While the store fails, windows wait; afterwards each ends once", arguments: WindowLocation.all)
    func storeDown(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.calm()
            rig.store.fail(["digest", "claim", "unassignedEvents"])
            try await rig.pass(.seconds(120))
            #expect(try await rig.texts() == [])
            rig.store.fail([])
            try await rig.pass(.seconds(120))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).isEmpty)
    }

    @Test(
        "While digests fail at their commit nothing is sent; afterwards each window ends once",
        arguments: WindowLocation.all)
    func commitFails(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.send(.immediate, "b")
            rig.store.failAtTheEnd(["digest"])
            try await rig.pass(.seconds(120))
            #expect(rig.gateway.requests.isEmpty)
            rig.store.failAtTheEnd([])
            try await rig.pass(.seconds(120))
        }
        #expect(try await rig.texts().sorted() == ["a", "b"])
        #expect(rig.gateway.counts.values.allSatisfy { $0 == 1 })
    }

    @Test("A window that loses an event during composition is read again and notified without it")
    func changedMeanwhile() async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { _, call in
            if call == 1 { try await memory.retract("a") }
            return nil
        }
        let rig = try await Rig(clock: clock, memory: memory, factory: factory)
        try await rig.running {
            for text in ["a", "b", "c"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
        }
        #expect(factory.calls == [["a", "b", "c"], ["b", "c"]])
        #expect(try await rig.texts() == ["b+c"])
        #expect(try await rig.status(of: "a") == .suppressed)
        #expect(rig.store.postponements.isEmpty)
    }

    @Test(
        "A window whose recipient is erased during composition ends without a notification",
        arguments: WindowLocation.all)
    func erasedMeanwhile(place: WindowLocation) async throws {
        let clock = TestClock()
        let memory = MemoryStore(clock: clock)
        let factory = TestFactory { _, call in
            _ = try await memory.transaction("erase") { try $0.erase(recipient: 1, limit: 100) }
            return nil
        }
        let rig = try await Rig(place, clock: clock, memory: memory, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.pass(.seconds(120))
        }
        #expect(factory.calls == [["a"]])
        #expect(try await rig.texts() == [])
        #expect(rig.gateway.requests.isEmpty)
        #expect(try await rig.openWindows().isEmpty)
    }

    @Test("A redriven event is notified as if it came now", arguments: WindowLocation.all)
    func redriven(place: WindowLocation) async throws {
        let service = Switch()
        let factory = TestFactory { texts, _ in
            if texts.contains("a"), !service.isOn { throw SheafError(.refused, "no such sale") }
            return nil
        }
        let rig = try await Rig(place, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.pass(.seconds(60))
            #expect(try await rig.status(of: "a") == .dead)
            service.turnOn()
            try await rig.send(.tumbling, "b")
            try await rig.pass(.seconds(30))
            #expect(try await rig.operations.redriveAll() == 1)
            #expect(try await rig.status(of: "a") == .new)
            try await rig.calm()
            // It joined the open window.
            #expect(try await rig.openWindows().map(\.events) == [2])
            try await rig.pass(.seconds(30))
            #expect(try await rig.texts() == ["a+b"])
            try await rig.pass(.seconds(120))
        }
        #expect(try await rig.status(of: "a") == .processed)
        #expect(try await rig.memory.deadLetters(after: nil, limit: 1).isEmpty)
        #expect(rig.gateway.requests.count == 1)
    }

    @Test("An event of a type that no longer exists is dead-lettered", arguments: WindowLocation.all)
    func unknownType(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        let event = Samples(start: rig.clock.now).event(type: 99, producerID: "old")
        try await rig.store(event, place == .store ? .window(WindowPolicy(length: .zero)) : .relayed)
        try await rig.running {
            try await until("it is dead-lettered") { try await rig.status(of: "old") == .dead }
        }
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).map(\.reason) == ["unknown_type"])
    }
}

extension MemoryStore {
    /// Retracts an event, as its producer does.
    fileprivate func retract(_ publicID: String) async throws {
        guard let stored = try await event(publicID: publicID), let id = stored.window else { return }
        tables.withLock { tables in
            guard var window = tables.windows[id] else { return }
            window.state = window.state.with(events: window.state.events - 1)
            window.revision += 1
            tables.set(window, for: id)
            let outcome = MemoryEvent.Outcome(status: .suppressed, reason: "retracted", at: clock.now)
            tables.set(MemoryEvent(event: stored.event, window: id, outcome: outcome), for: stored.event.id)
        }
    }
}
