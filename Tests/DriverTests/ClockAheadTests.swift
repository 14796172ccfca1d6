import Foundation
import SheafCore
import SheafMemory
import SheafSQLite
import SheafTesting
import Testing

@Suite("Times written while the clock was ahead", .timeLimit(.minutes(1)))
struct ClockAheadTests {
    private let clock = TestClock()
    private let samples = Samples()
    private let folder = TestFolder()
    private let limits = DueLimits(serviceWait: .seconds(60), lease: .seconds(30))

    private func stores() async throws -> [any EventStore] {
        let file = SQLiteStore(
            try SQLiteDatabase(path: folder.path("dues.db"), synchronous: .normal, clock: clock))
        try await file.migrate()
        return [MemoryStore(clock: clock), file]
    }

    private func accept(_ event: Event, _ length: Duration, in store: any EventStore) async throws {
        let admitted = AdmittedEvent(event, .window(WindowPolicy(length: length)))
        try await store.transaction("test") { _ = try $0.accept([admitted]) }
    }

    private func claim(_ store: any EventStore) async throws -> ClaimBatch<ClaimedWindow> {
        try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30))
    }

    @Test("A window that opened hours ahead is due one length from now, and takes events until then")
    func window() async throws {
        for store in try await stores() {
            clock.advance(by: .seconds(3 * 3600))
            try await accept(samples.event(), .seconds(5), in: store)
            clock.advance(by: .seconds(-3 * 3600))
            #expect(try await store.boundDues(limits) == 1)
            #expect(try await store.boundDues(limits) == 0)
            try await accept(samples.event(), .seconds(5), in: store)
            clock.advance(by: .seconds(5))
            #expect(try await claim(store).claims.map(\.events.count) == [2])
        }
    }

    @Test("A window for a time of day is due at the next one, even a week ahead, and stays so")
    func schedule() async throws {
        let at = try #require(TimeOfDay("09:00"))
        let schedule = DeliverySchedule(at: at, days: [.mon], zone: "Europe/Berlin")
        let zones: [RecipientID: String] = [1: "Europe/Berlin", 2: "Asia/Tokyo"]
        for store in try await stores() {
            try await store.describe(2, RecipientChange(timeZone: .set("Asia/Tokyo")))
            // A window that opens now may be due in a week, and is not limited.
            let kept = samples.event(recipient: 3)
            try await store.transaction("test") { _ = try $0.accept([AdmittedEvent(kept, .scheduled(schedule))]) }
            #expect(try await store.boundDues(limits) == 0)
            let events = zones.keys.sorted().map { samples.event(recipient: $0) }
            clock.advance(by: .seconds(20 * 86_400))
            try await store.transaction("test") {
                _ = try $0.accept(events.map { AdmittedEvent($0, .scheduled(schedule)) })
            }
            clock.advance(by: .seconds(-20 * 86_400))
            #expect(try await store.boundDues(limits) == 2)
            #expect(try await store.boundDues(limits) == 0)
            let windows = try await store.openWindows(after: nil, limit: 9).items
            #expect(windows.count == 3)
            for window in windows {
                #expect(window.closesAt == schedule.next(after: clock.now, in: zones[window.key.recipient]))
                #expect(window.closesAt - clock.now <= .seconds(7 * 86_400))
            }
        }
    }

    @Test("A wait for a service is limited to its maximum, and a closed window does not wait")
    func waiting() async throws {
        for store in try await stores() {
            try await accept(samples.event(), .zero, in: store)
            clock.advance(by: .seconds(3 * 3600))
            let claim = try #require(try await claim(store).claims.first)
            try await store.postpone([Postponement(claim, delay: .seconds(10), reason: .service, maxEvents: 10)])
            clock.advance(by: .seconds(-3 * 3600))
            #expect(try await store.boundDues(limits) == 1)
            clock.advance(by: .seconds(60))
            #expect(try await self.claim(store).claims.count == 1)
        }
    }

    @Test("A delivery's next attempt keeps its delay, counted from now")
    func message() async throws {
        for store in try await stores() {
            clock.advance(by: .seconds(3 * 3600))
            let body = MessageBody.notification(IdentifierGenerator.shared.next(at: clock.now))
            try await store.transaction("test") {
                try $0.publish([QueueMessage(key: 1, body: body, attempt: 1, delay: .seconds(20))])
            }
            clock.advance(by: .seconds(-3 * 3600))
            let furthest = try #require(try await store.statistics().furthestDueAt)
            #expect(furthest == clock.now + .seconds(3 * 3600 + 20))
            #expect(try await store.boundDues(limits) == 1)
            #expect(try await store.statistics().furthestDueAt == clock.now + .seconds(20))
            clock.advance(by: .seconds(20))
            #expect(try await store.statistics().backlog[.notificationSend] == 1)
        }
    }

    @Test("Windows outside the store, and their claims, are corrected too")
    func debouncer() async throws {
        let debouncer = MemoryDebouncer(clock: clock)
        let policy = WindowPolicy(length: .seconds(5))
        func add(_ recipient: RecipientID) async throws {
            _ = try await debouncer.add([
                DebounceEntry(event: samples.eventID(), key: Samples.key(recipient: recipient), policy: policy)
            ])
        }
        clock.advance(by: .seconds(3600))
        try await add(1)
        clock.advance(by: .seconds(5))
        let held = try await debouncer.claim(windows: 1, events: 1, lease: .seconds(30)).claims
        try await add(2)
        clock.advance(by: .seconds(-3605))
        #expect(try await debouncer.boundDues(lease: .seconds(30)) == 2)
        #expect(try await debouncer.boundDues(lease: .seconds(30)) == 0)
        try await add(2)
        clock.advance(by: .seconds(5))
        let other = try await debouncer.claim(windows: 9, events: 9, lease: .seconds(30)).claims
        #expect(other.map(\.window.key.recipient) == [2] && other.map(\.events.count) == [2])
        clock.advance(by: .seconds(25))
        let again = try await debouncer.claim(windows: 9, events: 9, lease: .seconds(30)).claims
        #expect(again.map(\.id) == held.map(\.id))
    }

    @Test("Another process's clock that is ahead does not postpone a time of day")
    func otherProcessSchedule() async throws {
        let path = folder.path("dues.db")
        let store = SQLiteStore(try SQLiteDatabase(path: path, synchronous: .normal, clock: clock))
        try await store.migrate()
        let ahead = TestClock(now: clock.now + .seconds(9 * 86_400))
        let other = SQLiteStore(try SQLiteDatabase(path: path, synchronous: .normal, clock: ahead))
        let schedule = DeliverySchedule(at: try #require(TimeOfDay("12:00")), days: [.mon])
        let event = AdmittedEvent(samples.event(), .scheduled(schedule))
        try await other.transaction("test") { _ = try $0.accept([event]) }
        #expect(try await claim(store).claims.isEmpty)
        // It is Monday, nine o'clock.
        clock.advance(by: .seconds(3 * 3600))
        #expect(try await claim(store).claims.map(\.events) == [[event.event]])
        await other.close()
        await store.close()
    }

    @Test("Another process's clock that is ahead does not delay windows of a file", arguments: [true, false])
    func otherProcess(isFlushed: Bool) async throws {
        let path = folder.path("dues.db")
        let store = SQLiteStore(try SQLiteDatabase(path: path, synchronous: .normal, clock: clock))
        try await store.migrate()
        let ahead = TestClock(now: clock.now + .seconds(3600))
        let other = SQLiteStore(try SQLiteDatabase(path: path, synchronous: .normal, clock: ahead))
        let event = samples.event()
        try await accept(event, .seconds(5), in: other)
        #expect(try await claim(store).claims.isEmpty)
        if isFlushed {
            #expect(try await other.flush(event.windowKey))
        } else {
            clock.advance(by: .seconds(5))
        }
        #expect(try await claim(store).claims.map(\.events) == [[event]])
        await other.close()
        await store.close()
    }
}

/// A folder that is removed with the test.
private final class TestFolder: Sendable {
    private let url = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID())")

    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}
