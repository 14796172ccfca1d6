import SheafCore
import Testing

/// The conformance checks for drivers of ``EventStore``.
public enum EventStoreConformance {
    public typealias Check = ConformanceCheck<any EventStoreHarness>

    public static var checks: [Check] { storing + consuming }

    /// The checks without ``consuming``.
    public static var storing: [Check] {
        counted(
            accepting + windows + leadingWindows + claiming + leases + digesting + digestConflicts + relayedDigests
                + waiting
                + merging + readmitting + adopting + transactions + deliveries + turns + stale + deadLetters
                + reading + statistics
                + recipients + erasing + pruning + retracting + retractions + settings + rules + notes + replaying
                + scripts)
    }

    /// The checks in which time passes for consumers of the outbox: they wait for messages, or for the leases of
    /// others.
    public static var consuming: [Check] { counted(acknowledging + outbox + outboxWaiting) }

    /// After each of the checks the store's counts are right.
    private static func counted(_ checks: [Check]) -> [Check] {
        checks.map { check in
            Check(check.name) { harness in
                try await check.run(on: harness)
                let counts = try await harness.counts()
                #expect(counts?.kept == counts?.counted)
            }
        }
    }
}

extension EventStoreHarness {
    /// Accepts events into the windows of their keys.
    @discardableResult
    func accept(_ events: [Event], _ policy: WindowPolicy? = nil) async throws -> [AppendOutcome] {
        try await store.accept(events, as: .window(policy ?? tumbling))
    }

    /// Claims everything that is due, for twenty ticks.
    func claim(
        windows: Int = 1000, events: Int = 1_000_000, excluding: Set<EventTypeCode> = [],
        declared: Set<EventTypeCode>? = nil
    ) async throws -> ClaimBatch<ClaimedWindow> {
        try await store.claim(
            ClaimLimits(windows: windows, events: events, excluding: excluding, declared: declared),
            lease: ticks(20))
    }

    /// A claim of a window with these events of one key, which is due at once.
    func claimed(_ events: [Event], _ policy: WindowPolicy? = nil) async throws -> ClaimedWindow {
        try await accept(events, policy)
        _ = try await store.flush(events.first?.windowKey ?? Samples.key())
        let claims = try await claim().claims
        return try #require(claims.count == 1 ? claims.first : nil, "one window of \(claims.count) claimed")
    }

    /// The windows that operators see.
    func openWindows() async throws -> [LiveWindow] {
        try await store.openWindows(after: nil, limit: 1000).items
    }
}

// Single operations as transactions of their own.
extension EventStore {
    @discardableResult
    func accept(_ events: [Event], as admission: Admission) async throws -> [AppendOutcome] {
        try await transaction("accept") { try $0.accept(Samples.admitted(events, as: admission)) }
    }

    /// Accepts events whose windows are outside the store.
    @discardableResult
    func relay(_ events: [Event]) async throws -> [AppendOutcome] { try await accept(events, as: .relayed) }

    /// Digests the windows that it can end.
    /// - Returns: the digests that ended their windows, and the moment of the transaction.
    func digested(_ digests: [Digest]) async throws -> (ids: Set<NotificationID>, at: Timestamp) {
        try await transaction("digest") { (try $0.digest(digests), $0.now) }
    }

    /// Digests windows, and requires that all of them end.
    /// - Returns: the moment of the transaction.
    @discardableResult
    func digest(_ digests: [Digest]) async throws -> Timestamp {
        let (ids, now) = try await digested(digests)
        try #require(ids == Set(digests.map(\.id)))
        return now
    }

    @discardableResult
    func readmit(_ events: [Event], as admission: Admission) async throws -> [Event] {
        let ids = events.map(\.id)
        return try await transaction("readmit") { try $0.readmit(ids) { _ in admission } }
    }

    /// - Returns: the moment of the transaction.
    @discardableResult
    func publish(_ messages: [QueueMessage]) async throws -> Timestamp {
        try await transaction("publish") { transaction in
            try transaction.publish(messages)
            return transaction.now
        }
    }

    /// - Returns: the moment of the transaction.
    @discardableResult
    func record(_ records: [DeliveryRecord]) async throws -> Timestamp {
        try await transaction("record") { transaction in
            try transaction.record(records)
            return transaction.now
        }
    }

    @discardableResult
    func markDead(_ events: [EventID], reason: String) async throws -> [EventID] {
        try await transaction("dead") { try $0.markDead(events, reason: reason) }
    }

    func insert(_ deadLetters: [DeadLetter]) async throws {
        try await transaction("insert") { try $0.insert(deadLetters) }
    }

    @discardableResult
    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) async throws -> [DeadLetter] {
        try await transaction("redrive") { try $0.takeDeadLetters(ids, limit: limit) }
    }

    @discardableResult
    func markRead(recipient: RecipientID, _ id: NotificationID?) async throws -> Bool {
        try await transaction("read") { try $0.markRead(recipient: recipient, id) }
    }

    func erase(_ recipient: RecipientID) async throws {
        while try await transaction("erase", { try $0.erase(recipient: recipient, limit: 2) }) > 0 {}
    }

    /// The stored event, found by Sheaf's own id.
    func stored(_ event: Event) async throws -> StoredEvent? {
        try await self.event(publicID: event.id.description)
    }

    func notification(_ id: NotificationID) async throws -> UserNotification? {
        try await notifications([id]).first
    }

    /// The event's window.
    func window(of event: Event) async throws -> WindowID? { try await stored(event)?.window }

    /// A notification of one new event.
    func notification(of samples: Samples, recipient: RecipientID = Samples.recipient) async throws -> NotificationID {
        let event = samples.event(recipient: recipient)
        let digest = samples.digest([event])
        try await relay([event])
        try await self.digest([digest])
        return digest.id
    }

    /// Removes all due messages of `topic` from the outbox.
    func loseMessages(of topic: Topic) async throws {
        let count = try await statistics().backlog[topic, default: 0]
        _ = try await outboxConsumer(of: topic).gather(count, acknowledging: true)
    }
}

extension EventTransaction {
    /// Accepts events whose windows are outside the store.
    func relay(_ events: [Event]) throws -> [AppendOutcome] { try accept(Samples.admitted(events, as: .relayed)) }
}

extension StoreStatistics {
    /// The messages in the outbox, of all topics.
    var messages: Int { backlog.values.reduce(0, +) }
}

extension String {
    /// The bytes of the text: Swift treats texts that differ only in their normal form as equal.
    var exactly: [UInt8] { Array(utf8) }
}
