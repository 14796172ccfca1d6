import SheafCore
import SheafTesting
import Testing

@Suite("Test clock and fakes")
struct TestClockTests {
    @Test("Sleepers wake when the clock reaches their end, and not before")
    func sleeping() async throws {
        let clock = TestClock()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for seconds in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    return seconds
                }
            }
            await clock.waitForSleepers(3)
            clock.advance(by: .seconds(1) - .microseconds(1))
            #expect(clock.sleepers == 3)
            for expected in 1...3 {
                clock.advance(by: expected == 1 ? .microseconds(1) : .seconds(1))
                #expect(clock.sleepers == 3 - expected)
                let woken = try await group.next()
                #expect(woken == expected)
            }
        }
        #expect(clock.sleepers == 0)
        #expect(clock.now == TestClock.start + .seconds(3))
    }

    @Test("A sleep ends at once if its task is or was cancelled")
    func cancelling() async throws {
        let clock = TestClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(clock.sleepers == 0)
    }

    @Test("A sleep of zero length does not wait")
    func noLength() async throws {
        try await TestClock().sleep(for: .zero)
        try await TestClock().sleep(for: .seconds(-1))
    }

    @Test("The clock starts at the time used in the examples")
    func start() {
        #expect(TestClock.start.description == "2026-11-23T09:00:00.000Z")
    }

    @Test("A recording gateway follows its scripts and records requests")
    func gateway() async {
        let samples = Samples()
        let gateway = RecordingGateway([.failed(httpStatus: 503, error: "busy", after: nil)])
        let notifications = (0..<2).map { _ in
            UserNotification(
                id: samples.notificationID(), recipient: 42, type: 1, content: Samples.content, eventCount: 1,
                createdAt: samples.start)
        }
        gateway.answer(notifications[1].id, with: [.refused(httpStatus: 400, error: "no")])
        #expect(await gateway.send(notifications[1], type: "a") == .refused(httpStatus: 400, error: "no"))
        #expect(await gateway.send(notifications[0], type: "b") == .failed(httpStatus: 503, error: "busy", after: nil))
        #expect(await gateway.send(notifications[0], type: "b") == .delivered(httpStatus: 200))
        #expect(gateway.counts == [notifications[0].id: 2, notifications[1].id: 1])
        #expect(gateway.requests.map(\.type) == ["a", "b", "b"])
    }
}
