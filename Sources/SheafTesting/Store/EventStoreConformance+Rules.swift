import SheafCore
import Testing

extension EventStoreConformance {
    /// The rules by which windows close.
    static var rules: [Check] {
        [
            Check("A window closes by the policy under which it was opened, whatever the policy of later events") {
                harness async throws in
                let samples = Samples()
                let tumbling = WindowPolicy(length: harness.ticks(50), maxEvents: 3)
                let sliding = WindowPolicy(mode: .sliding, length: harness.ticks(60), maxWait: harness.ticks(70))
                let leading = WindowPolicy(mode: .leading, length: harness.ticks(1))
                let short = WindowPolicy(length: harness.ticks(1), maxEvents: 1)
                let policies = [tumbling, sliding]
                for (index, policy) in policies.enumerated() {
                    try await harness.accept([samples.event(recipient: Int64(index))], policy)
                }
                let opened = try await harness.openWindows()
                try await harness.advance(ticks: 1)
                try await harness.accept([samples.event(recipient: 0)], sliding)
                for policy in [tumbling, leading, short] {
                    try await harness.accept([samples.event(recipient: 1)], policy)
                }
                let joined = try await harness.openWindows()
                #expect(joined.map(\.id) == opened.map(\.id) && joined.map(\.events) == [2, 4])
                #expect(joined[0].closesAt == opened[0].closesAt)
                // It still slides by its own policy.
                #expect(joined[1].closesAt - joined[1].openedAt > harness.ticks(60))
                #expect(joined[1].closesAt - joined[1].openedAt <= harness.ticks(70))
                try await harness.accept([samples.event(recipient: 0)], short)
                #expect(try await harness.claim().claims.map(\.events.count) == [3])
            },
            Check("A window closes at the time of day in the recipient's zone, or else the schedule's") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let schedule = try DeliverySchedule.everyDay
                try await store.describe(2, RecipientChange(timeZone: .set("Asia/Tokyo")))
                let events = [1, 2, 1, 2].map { samples.event(recipient: $0, keyPart: nil) }
                try await store.accept(events, as: .scheduled(schedule))
                let windows = try await harness.openWindows()
                #expect(windows.map(\.events) == [2, 2] && windows.allSatisfy { $0.key.part == nil })
                for window in windows {
                    let zone = window.key.recipient == 1 ? "America/New_York" : "Asia/Tokyo"
                    #expect(window.closesAt == schedule.next(after: window.openedAt, in: zone))
                }
                #expect(windows[0].closesAt != windows[1].closesAt)
                #expect(try await harness.claim().claims.isEmpty)
                let reopened = try await harness.reopen()
                try await reopened.accept([samples.event(recipient: 1, keyPart: nil)], as: .scheduled(schedule))
                #expect(try await reopened.openWindows(after: nil, limit: 9).items.map(\.events) == [3, 2])
            },
            Check("A day has one window, whatever the events' keys, and it closes when full") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let schedule = try DeliverySchedule.everyDay.with(maxEvents: 3)
                let events = (1...4).map { samples.event(keyPart: "\($0)") }
                try await store.accept(Array(events[..<2]), as: .scheduled(schedule))
                try await store.accept(Array(events[2...]), as: .scheduled(schedule))
                let full = try await harness.claim().claims
                #expect(full.map(\.events) == [Array(events[..<3])])
                try await store.digest(full.map { samples.digest($0) })
                #expect(try await harness.openWindows().map(\.events) == [1])
                #expect(try await store.flush(Samples.key(part: nil)))
                #expect(try await harness.claim().claims.map(\.events) == [[events[3]]])
            },
            Check("Changing the recipient's zone moves windows that are not due, in the same transaction") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                let schedule = try DeliverySchedule.everyDay
                func window(_ recipient: RecipientID) async throws -> LiveWindow? {
                    try await harness.openWindows().first { $0.key.recipient == recipient }
                }
                for recipient in [1, 2] as [RecipientID] {
                    try await store.accept([samples.event(recipient: recipient)], as: .scheduled(schedule))
                }
                try await harness.accept([samples.event(recipient: 1)])
                let before = try await harness.openWindows()
                for zone in ["Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kathmandu"] {
                    try await store.describe(1, RecipientChange(timeZone: .set(zone)))
                    let moved = try #require(try await window(1))
                    #expect(moved.closesAt == schedule.next(after: moved.openedAt, in: zone))
                }
                // Changing another setting moves nothing; without a zone of the recipient the schedule's zone is used
                // again.
                let last = try await window(1)
                try await store.describe(1, RecipientChange(locale: .set("en")))
                #expect(try await window(1) == last)
                try await store.describe(1, RecipientChange(timeZone: .unset))
                #expect(try await harness.openWindows() == before)
                // A due window stays due.
                #expect(try await store.flush(Samples.key(recipient: 1, part: nil)))
                let due = try await window(1)
                try await store.describe(1, RecipientChange(timeZone: .set("Pacific/Auckland")))
                #expect(try await window(1) == due)
                #expect(try await harness.claim().claims.count == 1)
            },
            Check("A window whose new time of day is past is due at once") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let now = try await store.transaction("now") { $0.now }
                // A minute that has passed in one zone, and is hours ahead in the other.
                let minutes = Int((now.microseconds / 60_000_000 + 1) % 1440)
                let at = try #require(TimeOfDay(Self.text(minutes)))
                let all = Set(DeliverySchedule.Day.allCases)
                let schedule = DeliverySchedule(at: at, days: all, zone: "Etc/GMT+5")
                try await store.accept([samples.event()], as: .scheduled(schedule))
                #expect(try await harness.claim().claims.isEmpty)
                let opened = try #require(try await harness.openWindows().first)
                guard harness.isExact else { return }
                try await harness.advance(by: .seconds(61))
                try await store.describe(Samples.recipient, RecipientChange(timeZone: .set("Etc/UTC")))
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.window.openedAt == opened.openedAt && claim.window.closesAt < opened.closesAt)
            },
            Check("Events accepted while zones change close by the final zone") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let schedule = try DeliverySchedule.everyDay
                let recipients = (1...12).map { Int64($0) }
                try await withThrowingDiscardingTaskGroup { group in
                    for recipient in recipients {
                        group.addTask {
                            try await store.accept([samples.event(recipient: recipient)], as: .scheduled(schedule))
                        }
                        group.addTask {
                            try await store.describe(recipient, RecipientChange(timeZone: .set("Asia/Tokyo")))
                        }
                    }
                }
                let windows = try await harness.openWindows()
                #expect(windows.count == recipients.count)
                #expect(windows.allSatisfy { $0.closesAt == schedule.next(after: $0.openedAt, in: "Asia/Tokyo") })
            },
        ]
    }

    private static func text(_ minutes: Int) -> String {
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return parts.joined(separator: ":")
    }
}

extension DeliverySchedule {
    /// Daily at nine, in New York for recipients without a zone.
    fileprivate static var everyDay: DeliverySchedule {
        get throws {
            DeliverySchedule(
                at: try #require(TimeOfDay("09:00")), days: Set(Day.allCases), zone: "America/New_York")
        }
    }
}
