import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("An engine's windows", .timeLimit(.minutes(1)))
struct WindowInvariantTests {
    @Test(
        "Events of several keys end in exactly one notification a window, in the order in which they were accepted",
        arguments: WindowLocation.all)
    func oneNotificationAWindow(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            for number in 1...5 {
                for recipient: RecipientID in 1...3 {
                    for key in ["a", "b"] {
                        try await rig.send(.tumbling, "\(recipient)\(key)\(number)", to: recipient, key: key)
                    }
                }
            }
            try await rig.pass(.seconds(59))
            #expect(rig.factory.calls.isEmpty)
            try await rig.pass(.seconds(1))
            for recipient: RecipientID in 1...3 {
                let expected = ["a", "b"].map { key in
                    (1...5).map { "\(recipient)\(key)\($0)" }.joined(separator: "+")
                }
                #expect(try await rig.texts(of: recipient).sorted() == expected)
            }
            // Nothing else is sent.
            try await rig.pass(.seconds(300))
        }
        #expect(rig.factory.calls.count == 6)
        #expect(rig.gateway.counts.count == 6)
        #expect(rig.gateway.counts.values.allSatisfy { $0 == 1 })
        #expect(Set(rig.gateway.requests.map(\.type)) == ["tumbling"])
    }

    @Test("An event after the end of a window waits in a new one", arguments: WindowLocation.all)
    func consecutiveWindows(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.pass(.seconds(60))
            try await rig.send(.tumbling, "b")
            try await rig.pass(.seconds(59))
            #expect(try await rig.texts() == ["a"])
            try await rig.pass(.seconds(1))
            #expect(try await rig.texts() == ["a", "b"])
        }
    }

    @Test("An event that its producer sends again is not notified again", arguments: WindowLocation.all)
    func duplicates(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            #expect(try await rig.send(.tumbling, "a") == .accepted)
            #expect(try await rig.send(.tumbling, "a") == .duplicate)
            try await rig.pass(.seconds(60))
            #expect(try await rig.send(.tumbling, "a") == .duplicate)
            try await rig.pass(.seconds(120))
            #expect(try await rig.texts() == ["a"])
        }
    }

    @Test("If several producers send the same event at once, one is accepted", arguments: WindowLocation.all)
    func concurrentDuplicates(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        let results = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { try await rig.send(.immediate, "a") == .accepted } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(results == 1)
        try await rig.running { try await rig.calm() }
        #expect(try await rig.texts() == ["a"])
    }

    @Test("Immediate events are notified at once, each on its own", arguments: WindowLocation.all)
    func immediate(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            for text in ["a", "b", "c"] { try await rig.send(.immediate, text) }
            try await until("three are delivered") { rig.gateway.requests.count == 3 }
        }
        #expect(try await rig.texts().sorted() == ["a", "b", "c"])
        #expect(rig.clock.now == TestClock.start)
    }

    @Test(
        "A leading window notifies its first event at once, and the others together at its end",
        arguments: WindowLocation.all)
    func leading(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try await rig.send(.leading, "a")
            try await until("the first is delivered") { rig.gateway.requests.count == 1 }
            for text in ["b", "c"] { try await rig.send(.leading, text) }
            try await rig.pass(.seconds(59))
            #expect(try await rig.texts() == ["a"])
            try await rig.pass(.seconds(1))
            #expect(try await rig.texts() == ["a", "b+c"])
        }
    }

    @Test("Each event extends a sliding window, up to its maximum", arguments: WindowLocation.all)
    func sliding(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            for text in ["a", "b", "c", "d"] {
                try await rig.send(.sliding, text)
                try await rig.pass(.seconds(8), step: .seconds(1))
                // After the fourth turn 32 seconds have passed, more than its maximum.
                #expect(try await rig.texts().isEmpty == (text != "d"))
            }
            #expect(try await rig.texts() == ["a+b+c+d"])
            let span = try #require(try await rig.endedWindow(of: "a")?.span)
            #expect(span.closesAt - span.openedAt == .seconds(30))
        }
    }

    @Test("A full window ends at once, and the next event opens another", arguments: WindowLocation.all)
    func full(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            for text in ["a", "b", "c"] {
                try await rig.send(.small, text)
                try await rig.calm()
            }
            try await until("the full window is delivered") { rig.gateway.requests.count == 1 }
            try await rig.send(.small, "d")
            try await rig.pass(.seconds(60))
            #expect(try await rig.texts() == ["a+b+c", "d"])
        }
    }

    @Test("Events for which the factory composes nothing are suppressed with its reason", arguments: WindowLocation.all)
    func suppressed(place: WindowLocation) async throws {
        let rig = try await Rig(place, factory: TestFactory { _, _ in .suppressed(reason: "nothing_new") })
        try await rig.running {
            for text in ["a", "b"] { try await rig.send(.tumbling, text) }
            try await rig.pass(.seconds(60))
        }
        for text in ["a", "b"] {
            let event = try await rig.memory.event(publicID: text)
            #expect(event?.status == .suppressed)
            #expect(event?.reason == "nothing_new")
        }
        #expect(try await rig.texts() == [])
        #expect(rig.gateway.requests.isEmpty)
    }

    @Test("With windows in the store, events need no messages")
    func noMessages() async throws {
        let rig = try await Rig()
        for type in TestType.allCases { try await rig.send(type, type.rawValue) }
        rig.clock.advance(by: .seconds(3600))
        #expect(try await rig.memory.statistics().backlog.values.allSatisfy { $0 == 0 })
        try await rig.running { try await rig.pass(.seconds(10)) }
        #expect(rig.gateway.requests.count == TestType.allCases.count)
    }
}
