import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("ReplayWindows")
struct ReplayWindowsTests {
    private let samples = Samples()
    private let key = Samples.key()

    /// Admits an event at each of these seconds, and closes all at the end.
    /// - Returns: how many events each unit has, and whether it is a window.
    private func divide(_ seconds: [Int], _ policy: WindowPolicy) -> [String] {
        var windows = ReplayWindows()
        var units: [ReplayUnit] = []
        for second in seconds {
            let event = ReplayEvent(id: samples.eventID(), window: nil)
            units += windows.admit(
                event, key: key, at: TestClock.start + .seconds(second), delivery: .debounced(policy))
        }
        units += windows.close()
        return units.map { "\($0.window == nil ? "single" : "window") \($0.events.count)" }
    }

    @Test("A tumbling window closes one length after its first event")
    func tumbling() {
        let policy = WindowPolicy(length: .seconds(10))
        #expect(divide([0, 3, 9, 10, 19, 20], policy) == ["window 3", "window 2", "window 1"])
    }

    @Test("A sliding window closes one length after its last event, at most its maximum wait after its first")
    func sliding() {
        let policy = WindowPolicy(mode: .sliding, length: .seconds(10), maxWait: .seconds(25))
        #expect(divide([0, 9, 18, 24, 25, 40], policy) == ["window 4", "window 1", "window 1"])
    }

    @Test("The first event of a leading window is a unit of its own, and an empty window is none")
    func leading() {
        let policy = WindowPolicy(mode: .leading, length: .seconds(10))
        #expect(divide([0, 1, 2, 10], policy) == ["single 1", "window 2", "single 1"])
    }

    @Test("A full window closes at once")
    func full() {
        let policy = WindowPolicy(length: .seconds(10), maxEvents: 2)
        #expect(divide([0, 0, 0, 1, 2], policy) == ["window 2", "window 2", "window 1"])
        #expect(divide([0, 1], WindowPolicy(maxEvents: 1)) == ["window 1", "window 1"])
    }

    @Test("A time of day closes windows in the recipient's zone, whatever the events' keys")
    func scheduled() throws {
        let schedule = DeliverySchedule(at: try #require(TimeOfDay("12:00")), days: [.mon], zone: "UTC")
        var windows = ReplayWindows()
        for (recipient, zone) in [(1, nil), (2, "Europe/Berlin")] as [(RecipientID, String?)] {
            for part in ["a", "b"] {
                let units = windows.admit(
                    ReplayEvent(id: samples.eventID(), window: nil), key: Samples.key(recipient: recipient, part: part),
                    at: TestClock.start, delivery: .scheduled(schedule), zone: zone)
                #expect(units.isEmpty)
            }
        }
        // It is Monday, nine o'clock in UTC and ten in Berlin.
        #expect(windows.close(dueAt: TestClock.start + .seconds(7199)).isEmpty)
        let berlin = windows.close(dueAt: TestClock.start + .seconds(7200))
        #expect(berlin.map(\.recipient) == [2] && berlin.map(\.events.count) == [2])
        #expect(windows.close().map(\.events.count) == [2])
    }

    @Test("An immediate event is a unit of its own, and each key has its own windows")
    func keys() {
        var windows = ReplayWindows()
        let events = (0..<4).map { _ in ReplayEvent(id: samples.eventID(), window: nil) }
        let delivery = DeliveryPolicy.debounced(WindowPolicy(length: .seconds(10)))
        let (start, other) = (TestClock.start, Samples.key(part: nil))
        #expect(windows.admit(events[0], key: key, at: start, delivery: delivery).isEmpty)
        #expect(windows.admit(events[1], key: other, at: start, delivery: delivery).isEmpty)
        #expect(windows.admit(events[2], key: key, at: start, delivery: .immediate).map(\.events) == [[events[2]]])
        #expect(windows.admit(events[3], key: other, at: start + .seconds(5), delivery: delivery).isEmpty)
        #expect(windows.close(dueAt: start + .seconds(9)).isEmpty)
        let units = windows.close(dueAt: start + .seconds(10))
        #expect(Set(units.map(\.events)) == [[events[0]], [events[1], events[3]]])
        #expect(windows.close().isEmpty)
    }
}
