import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Redriving", .timeLimit(.minutes(1)))
struct RedriveTests {
    /// An engine that is not running, and a dead event of each of these types.
    private func rig(_ place: WindowLocation, _ types: [TestType]) async throws -> Rig {
        let rig = try await Rig(place)
        let samples = Samples(start: rig.clock.now)
        let events = types.map { samples.event(recipient: 1, type: $0.code, keyPart: nil, producerID: $0.rawValue) }
        try await rig.memory.transaction("test") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            _ = try transaction.markDead(events.map(\.id), reason: "refused")
            try transaction.insert(events.map { samples.deadLetter(.event($0.id), recipient: 1) })
        }
        return rig
    }

    @Test("If windows live in the store, a dead event joins the open window of its key, or is due at once")
    func stored() async throws {
        let rig = try await rig(.store, [.tumbling, .immediate, .small])
        try await rig.send(.tumbling, "a")
        rig.clock.advance(by: .seconds(30))
        #expect(try await rig.operations.redriveAll() == 3)
        let windows = try await rig.openWindows().sorted { $0.key.type < $1.key.type }
        #expect(windows.map(\.key.type) == [TestType.tumbling.code, TestType.small.code])
        #expect(windows.map(\.events) == [2, 1])
        // Joining extends nothing; a window that opens now has its whole length.
        #expect(windows.map { $0.closesAt - TestClock.start } == [.seconds(60), .seconds(90)])
        let due = try await rig.memory.claim(ClaimLimits(windows: 10, events: 10), lease: .zero).claims
        #expect(due.map(\.window.key.type) == [TestType.immediate.code] && due.allSatisfy(\.isAlone))
        #expect(try await rig.memory.statistics().backlog.values.allSatisfy { $0 == 0 })
    }

    @Test("If windows live outside the store, a redriven event gets a message and no window yet")
    func relayed() async throws {
        let rig = try await rig(.relayed, [.tumbling, .immediate])
        #expect(try await rig.operations.redriveAll() == 2)
        let messages = try await rig.memory.outboxConsumer(of: .eventOccurred).receive(limit: 10)
        let ids = messages.compactMap { if case .event(let id) = $0.message.body { id } else { nil } }
        #expect(try await rig.memory.unassignedEvents(ids).compactMap(\.producerID) == ["tumbling", "immediate"])
        #expect(try await rig.openWindows().isEmpty)
    }

    @Test(
        "A redrive removes the letter and revives its event in one transaction, or does neither",
        arguments: WindowLocation.all)
    func fails(place: WindowLocation) async throws {
        let rig = try await rig(place, [.tumbling])
        rig.store.failAtTheEnd(["redrive"])
        await #expect(throws: Failures.infrastructure) { _ = try await rig.operations.redriveAll() }
        #expect(try await rig.status(of: "tumbling") == .dead)
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).count == 1)
        rig.store.failAtTheEnd([])
        #expect(try await rig.operations.redriveAll() == 1)
        #expect(try await rig.status(of: "tumbling") == .new)
        #expect(try await rig.memory.deadLetters(after: nil, limit: 10).isEmpty)
    }
}
