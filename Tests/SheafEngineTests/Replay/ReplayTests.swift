import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Replay", .timeLimit(.minutes(1)))
struct ReplayTests {
    /// Two windows of a minute with two events each, and an immediate event, all delivered.
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        try await rig.running {
            for (text, pause) in [("a", 30), ("b", 40), ("c", 10), ("d", 90)] {
                try await rig.send(.tumbling, text)
                try await rig.pass(.seconds(pause))
            }
            try await rig.send(.immediate, "e")
            try await rig.pass(.seconds(10))
        }
        #expect(try await rig.texts() == ["a+b", "c+d", "e"])
        return rig
    }

    private func replay(
        _ rig: Rig, window: Duration, sends: Bool, type: TestType? = nil
    ) async throws -> (result: ReplayResult, differences: [ReplayDifference]) {
        let catalog = try rig.catalog.current.delivering { type in
            type.name == TestType.tumbling.rawValue ? .debounced(WindowPolicy(length: window)) : type.delivery
        }
        var differences: [ReplayDifference] = []
        let replay = Replay(catalog: catalog, store: rig.store, clock: rig.clock)
        // Other tests with other clocks use the same generator, so their ids may be later.
        let period = Replay.Period(
            since: TestClock.start, until: .distantFuture, type: type?.code, name: "test")
        let result = try await replay.run(period, sends: sends) { differences.append($0) }
        return (result, differences)
    }

    @Test("Under the same configuration nothing differs")
    func same() async throws {
        let (result, differences) = try await replay(rig(), window: .seconds(60), sends: false)
        #expect(differences.isEmpty)
        #expect((result.events, result.windowsBefore, result.windowsNow) == (5, 3, 3))
        #expect((result.notificationsBefore, result.notificationsNow, result.reworded) == (3, 3, 0))
        #expect((result.merged, result.split, result.cut) == (0, 0, 0))
    }

    @Test("Longer windows would merge, and fewer notifications be sent")
    func merge() async throws {
        let (result, differences) = try await replay(rig(), window: .seconds(300), sends: false)
        #expect((result.merged, result.split, result.windowsNow) == (1, 0, 2))
        #expect((result.notificationsBefore, result.notificationsNow) == (3, 2))
        #expect(differences.map(\.merges) == [2])
        #expect(differences.map(\.events) == [4])
    }

    @Test("Shorter windows would split, and more notifications be sent")
    func split() async throws {
        let (result, differences) = try await replay(rig(), window: .seconds(20), sends: false)
        #expect((result.merged, result.split, result.windowsNow) == (0, 1, 4))
        #expect((result.notificationsBefore, result.notificationsNow) == (3, 4))
        #expect(differences.map(\.continues) == [true])
    }

    @Test("Without sending nothing is written or sent")
    func dry() async throws {
        let rig = try await rig()
        let before = try await rig.notifications()
        rig.store.fail(["replay", "digest", "ingest"])
        _ = try await replay(rig, window: .seconds(300), sends: false)
        #expect(try await rig.notifications() == before)
        #expect(try await rig.memory.statistics().backlog.values.allSatisfy { $0 == 0 })
        #expect(rig.gateway.requests.count == 3)
    }

    @Test("Notifications are sent once, however often the replay is run")
    func sends() async throws {
        let rig = try await rig()
        let first = try await replay(rig, window: .seconds(300), sends: true).result
        #expect((first.enqueued, first.passedOver) == (2, 0))
        let second = try await replay(rig, window: .seconds(300), sends: true).result
        #expect((second.enqueued, second.passedOver) == (0, 2))
        try await rig.running { try await rig.pass(.seconds(10)) }
        #expect(Set(try await rig.texts()) == ["a+b", "c+d", "e", "a+b+c+d"])
        #expect(rig.gateway.requests.count == 5)
        #expect(rig.gateway.counts.values.allSatisfy { $0 == 1 })
        let history = try await rig.operations.event("a").history
        #expect(history.map(\.step).contains(.replayed))
        #expect(history.map(\.step).contains(.delivered))
    }

    @Test("Waiting and dead events are left out, and so are other types")
    func leftOut() async throws {
        let rig = try await rig()
        let event = Samples(start: rig.clock.now).events(2)
        try await rig.memory.transaction("test") { transaction in
            _ = try transaction.accept(Samples.admitted(event, as: .relayed))
            _ = try transaction.markDead([event[1].id], reason: "bad_payload")
        }
        let result = try await replay(rig, window: .seconds(60), sends: false).result
        #expect((result.waiting, result.dead, result.events) == (1, 1, 5))
        let immediate = try await replay(rig, window: .seconds(60), sends: false, type: .immediate).result
        #expect((immediate.events, immediate.notificationsNow) == (1, 1))
    }

    @Test("A window that lies partly outside the period is reported")
    func cut() async throws {
        let (store, samples) = (MemoryStore(clock: TestClock()), Samples())
        let events = [
            samples.event(payload: #"{"text":"a"}"#),
            samples.event(receivedAt: samples.start + .seconds(9), payload: #"{"text":"b"}"#),
        ]
        try await store.transaction("test") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.digest([samples.digest(events)])
        }
        let replay = Replay(catalog: try TestFactory().catalog().current, store: store, clock: TestClock())
        let period = Replay.Period(
            since: samples.start, until: samples.start + .seconds(9), type: nil, name: "test")
        let result = try await replay.run(period, sends: false)
        #expect((result.events, result.windowsNow, result.cut) == (1, 1, 1))
    }
}
