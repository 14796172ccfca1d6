import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("An engine whose windows have to wait", .timeLimit(.minutes(1)))
struct WaitingInvariantTests {
    @Test(
        "A window that cannot be composed yet waits longer each time, and nothing of it is lost",
        arguments: WindowLocation.all)
    func transientFactory(place: WindowLocation) async throws {
        let rig = try await Rig(
            place, factory: TestFactory { _, call in if call <= 3 { throw Failures.transient } else { nil } })
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
            try await rig.pass(.seconds(10), step: .milliseconds(250))
        }
        #expect(try await rig.texts() == ["a+b"])
        #expect(rig.factory.calls == Array(repeating: ["a", "b"], count: 4))
        // A window outside the store moves into it at its first wait.
        let ceilings = place == .store ? [1000, 2000, 4000] : [2000, 4000]
        let delays = rig.store.postponements.map(\.delay)
        try #require(delays.count == ceilings.count)
        for (delay, ceiling) in zip(delays, ceilings) {
            #expect(delay >= .milliseconds(ceiling / 2) && delay <= .milliseconds(ceiling))
        }
        #expect(rig.debouncer.releases.isEmpty)
    }

    @Test(
        "An immediate or leading event whose service fails is retried until the service is back, and shown meanwhile",
        arguments: WindowLocation.all, [TestType.immediate, .leading])
    func transientImmediate(place: WindowLocation, type: TestType) async throws {
        let rig = try await Rig(
            place, factory: TestFactory { _, call in if call <= 12 { throw Failures.transient } else { nil } })
        try await rig.running {
            try await rig.send(type, "a")
            try await until("it was tried") { rig.store.postponements.count == 1 }
            try await rig.calm()
            #expect(rig.factory.calls.count == 1)
            let waiting = try await rig.openWindows().filter { $0.waitsFor != nil }
            #expect(waiting.map(\.waitsFor) == [.service] && waiting.map(\.events) == [1])
            #expect(waiting.allSatisfy { $0.isAlone && $0.closesAt > rig.clock.now })
            #expect(try await rig.operations.event("a").window == nil)
            try await rig.pass(.seconds(720), step: .seconds(2))
            #expect(try await rig.openWindows().isEmpty)
        }
        #expect(rig.factory.calls == Array(repeating: ["a"], count: 13))
        #expect(try await rig.texts() == ["a"])
        #expect(try await rig.memory.deadLetters(after: nil, limit: 1).isEmpty)
    }

    @Test("An immediate event that is notified at once is never among the open windows", arguments: WindowLocation.all)
    func immediateIsNotShown(place: WindowLocation) async throws {
        let gate = WakeUp()
        let rig = try await Rig(
            place,
            factory: TestFactory { _, _ in
                await gate.wait(after: 0)
                return nil
            })
        try await rig.send(.immediate, "a")
        #expect(try await rig.openWindows().isEmpty)
        try await rig.running {
            try await until("it is being worded") { rig.factory.calls.count == 1 }
            #expect(try await rig.openWindows().isEmpty)
            gate.notify()
            try await until("it is delivered") { rig.gateway.requests.count == 1 }
        }
    }

    @Test("Two waiting windows of a key merge at the end of the first one's wait; full ones do not")
    func waitingWindowsMerge() async throws {
        let service = Switch()
        let factory = TestFactory { _, _ in
            if service.isOn { return nil }
            throw SheafError(.upstream, "busy", retryAfter: .seconds(60))
        }
        let rig = try await Rig(factory: factory)
        try await rig.running {
            for type in [TestType.tumbling, .small] {
                for text in ["a", "b"] { try await rig.send(type, "\(type)-\(text)") }
            }
            try await rig.pass(.seconds(61))
            for type in [TestType.tumbling, .small] {
                for text in ["c", "d"] { try await rig.send(type, "\(type)-\(text)") }
            }
            try await rig.pass(.seconds(61), step: .seconds(1))
            let tumbling = try await rig.openWindows().filter { $0.key.type == TestType.tumbling.code }
            #expect(tumbling.map(\.events) == [4] && tumbling.map(\.waitsFor) == [.service])
            let small = try await rig.openWindows().filter { $0.key.type == TestType.small.code }
            #expect(small.map(\.events) == [2, 2] && small.allSatisfy { $0.waitsFor == .service })
            service.turnOn()
            try await rig.pass(.seconds(61), step: .seconds(1))
        }
        #expect(
            try await rig.texts().sorted() == [
                "small-a+small-b", "small-c+small-d", "tumbling-a+tumbling-b+tumbling-c+tumbling-d",
            ])
    }

    @Test("Flushing a key ends its wait for a service", arguments: WindowLocation.all)
    func flushEndsWait(place: WindowLocation) async throws {
        let service = Switch()
        let factory = TestFactory { _, _ in
            if service.isOn { return nil }
            throw SheafError(.upstream, "busy", retryAfter: .seconds(60))
        }
        let rig = try await Rig(place, factory: factory)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.send(.immediate, "b")
            try await rig.pass(.seconds(60))
            #expect(try await rig.openWindows().map(\.waitsFor) == [.service, .service])
            service.turnOn()
            let moment = rig.clock.now
            for key in ["tumbling:1", "immediate:1"] { try await rig.operations.flush(key) }
            try await until("both are delivered") { rig.gateway.requests.count == 2 }
            #expect(rig.clock.now == moment)
            await #expect(throws: SheafError.self) { try await rig.operations.flush("tumbling:1") }
        }
    }

    @Test("A flushed open window is notified at once", arguments: WindowLocation.all)
    func flush(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await until("it waits") { try await rig.openWindows().map(\.events) == [1] }
            try await rig.operations.flush("tumbling:1")
            try await until("it is delivered") {
                // Outside the store the next poll finds it.
                if place == .relayed { rig.clock.advance(by: .milliseconds(100)) }
                return rig.gateway.requests.count == 1
            }
            #expect(rig.clock.now - TestClock.start < .seconds(60))
        }
    }
}
