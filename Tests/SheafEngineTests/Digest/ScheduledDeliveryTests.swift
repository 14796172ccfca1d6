import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Delivery at a time of day, and changes of the delivery policy", .timeLimit(.minutes(1)))
struct ScheduledDeliveryTests {
    /// Ten past ten in Berlin, which is ten minutes after the start, on a Monday.
    private func schedule() throws -> DeliverySchedule {
        DeliverySchedule(at: try #require(TimeOfDay("10:10")), days: [.mon], zone: "Europe/Berlin")
    }

    private func put(_ delivery: DeliveryPolicy, of type: TestType, in rig: Rig, revision: Int = 1) throws {
        let catalog = try rig.catalog.current.delivering { other throws(SheafError) in
            other.code == type.code ? delivery : other.delivery
        }
        rig.catalog.replace(with: catalog, revision: revision)
    }

    @Test(
        "A recipient's events share one notification, whatever their keys and wherever windows live",
        arguments: WindowLocation.all)
    func scheduled(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try put(.scheduled(try schedule()), of: .tumbling, in: rig)
        try await rig.running {
            try await rig.send(.tumbling, "a", key: "x")
            try await rig.pass(.seconds(300))
            try await rig.send(.tumbling, "b", key: "y")
            try await rig.send(.tumbling, "c", to: 2)
            let windows = try await rig.store.openWindows(after: nil, limit: 9).items
            #expect(windows.map(\.closesAt) == [TestClock.start + .seconds(600), TestClock.start + .seconds(600)])
            #expect(try await rig.operations.event("b").window == "tumbling:1")
            try await rig.pass(.seconds(295))
            #expect(try await rig.texts().isEmpty)
            try await rig.pass(.seconds(10))
            #expect(try await rig.texts() == ["a+b"])
            #expect(try await rig.texts(of: 2) == ["c"])
        }
        #expect(try await rig.debouncer.openWindows(after: nil, limit: 9).total == 0)
    }

    @Test("Changing the recipient's zone moves the window", arguments: WindowLocation.all)
    func zoneChanges(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try put(.scheduled(try schedule()), of: .tumbling, in: rig)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            _ = try await rig.operations.describe(1, RecipientChange(timeZone: .set("UTC")))
            try await rig.pass(.seconds(700))
            #expect(try await rig.texts().isEmpty)
            // In that zone it was ten past ten after the window opened.
            _ = try await rig.operations.describe(1, RecipientChange(timeZone: .set("Africa/Lagos")))
            try await rig.pass(.seconds(5))
            #expect(try await rig.texts() == ["a"])
        }
    }

    @Test("Events in a window stay there when their type becomes immediate", arguments: WindowLocation.all)
    func becomesImmediate(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try put(.debounced(WindowPolicy(length: .seconds(600))), of: .tumbling, in: rig)
        try await rig.running {
            try await rig.send(.tumbling, "a")
            try await rig.send(.tumbling, "b")
            try await rig.pass(.seconds(5))
            try put(.immediate, of: .tumbling, in: rig, revision: 2)
            try await rig.send(.tumbling, "c")
            try await rig.pass(.seconds(300))
            #expect(try await rig.texts() == ["c"])
            #expect(try await rig.operations.event("a").window == "tumbling:1")
            try await rig.pass(.seconds(300))
            #expect(try await rig.texts().sorted() == ["a+b", "c"])
        }
    }
}
