import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("ClaimsInFlight")
struct ClaimsInFlightTests {
    private let samples = Samples()
    private let inFlight = ClaimsInFlight<ClaimedWindow>(
        windows: 8, events: 100, bytes: 10_000, stuckAfter: .seconds(1))
    private let start = TestClock.start

    private func claim(_ id: WindowID, token: Int64 = 1, type: EventTypeCode = 1, events: Int = 1) -> ClaimedWindow {
        ClaimedWindow(
            id: id, token: token, revision: 0, window: samples.window(Samples.key(type: type)), isAlone: false,
            events: samples.events(events), attempt: 1, lateness: .zero)
    }

    private func limits(windows: Int, events: Int, excluding: Set<EventTypeCode> = []) -> ClaimLimits {
        let payload = samples.event().payload.utf8.count
        return ClaimLimits(
            windows: windows, events: events, bytes: 10_000 - (100 - events) * payload, excluding: excluding)
    }

    private func room(after pause: Duration = .zero) -> ClaimRoom { inFlight.room(at: start + pause) }

    @Test("Claims of a type stay within its budget, whatever is in flight")
    func budget() {
        #expect(room().limits == limits(windows: 8, events: 100))
        _ = inFlight.insert((1...3).map { claim($0, events: 10) }, at: start)
        _ = inFlight.insert([claim(10, type: 2, events: 45)], at: start)
        #expect(room().limits == limits(windows: 5, events: 55))
    }

    @Test("A type with more than half of its windows or events in flight is excluded until it has fewer")
    func busy() {
        let claims = (1...5).map { claim($0) }
        _ = inFlight.insert(claims, at: start)
        _ = inFlight.insert([claim(10, type: 2, events: 51)], at: start)
        #expect(room().limits == limits(windows: 8, events: 100, excluding: [1, 2]))
        #expect(inFlight.remove(claims[0]))
        #expect(!inFlight.remove(claims[1]))
        #expect(room().limits == limits(windows: 5, events: 97, excluding: [2]))
    }

    @Test("A type with more than half of its bytes in flight is excluded")
    func bytes() {
        let large = samples.event(payload: String(repeating: "x", count: 5001))
        let claim = ClaimedWindow(
            id: 1, token: 1, revision: 0, window: samples.window(Samples.key(type: 1)), isAlone: false, events: [large],
            attempt: 1, lateness: .zero)
        _ = inFlight.insert([claim], at: start)
        #expect(room().limits.excluding == [1])
        #expect(inFlight.remove(claim))
        #expect(room().limits == limits(windows: 8, events: 100))
    }

    @Test("A type that has been busy for too long is stuck")
    func stuck() {
        _ = inFlight.insert((1...5).map { claim($0) }, at: start)
        _ = inFlight.insert([claim(6)], at: start + .milliseconds(900))
        #expect(room(after: .milliseconds(999)).stuck.isEmpty)
        #expect(room(after: .seconds(1)).stuck == [1])
        for id: WindowID in 1...5 { _ = inFlight.remove(inFlight.claims.first { $0.id == id } ?? claim(id)) }
        #expect(room(after: .seconds(2)).stuck.isEmpty)
    }

    @Test("A window that is claimed again before its older claim is removed stays claimed")
    func claimedAnew() {
        let (older, newer) = (claim(1), claim(1, token: 2, events: 3))
        _ = inFlight.insert([older], at: start)
        _ = inFlight.insert([newer], at: start)
        _ = inFlight.remove(older)
        #expect(inFlight.claims == [newer])
        #expect(room().limits == limits(windows: 7, events: 97))
        _ = inFlight.remove(older)
        _ = inFlight.remove(newer)
        #expect(inFlight.claims.isEmpty && room().limits == limits(windows: 8, events: 100))
    }
}
