import SheafCore
import SheafMemory
import Synchronization

/// A store in memory that counts calls, and whose parts fail when asked to.
final class FaultyStore: EventStore {
    private struct State {
        var failing: Set<String> = []
        var failingAtTheEnd: Set<String> = []
        var losesRenewals = false
        var misreadClaims = 0
        var claims = 0
        var inFlight: [WindowID: ClaimedWindow] = [:]
        var mostEvents = 0
        var postponements: [Postponement] = []
        var questions: [Set<RecipientID>] = []
    }

    fileprivate let base: MemoryStore
    private let state = Mutex(State())

    init(_ base: MemoryStore) { self.base = base }

    /// Makes these transactions and calls fail, by name; all others succeed.
    func fail(_ names: Set<String>) { state.withLock { $0.failing = names } }

    /// Makes these transactions fail just before their commit.
    func failAtTheEnd(_ names: Set<String>) { state.withLock { $0.failingAtTheEnd = names } }

    /// Makes leases expire although they are renewed.
    func loseRenewals() { state.withLock { $0.losesRenewals = true } }

    /// Makes the next claims of a window outdated.
    func misread(claims: Int) { state.withLock { $0.misreadClaims = claims } }

    /// How often windows were claimed.
    var claims: Int { state.withLock { $0.claims } }
    /// The maximum events in windows claimed at the same time.
    var mostEvents: Int { state.withLock { $0.mostEvents } }
    /// All postponed windows.
    var postponements: [Postponement] { state.withLock { $0.postponements } }
    /// The recipients in each query for settings.
    var questions: [Set<RecipientID>] { state.withLock { $0.questions } }
    /// How many windows are claimed, and have neither ended nor been handed back.
    var inFlight: Int { state.withLock { $0.inFlight.count } }

    private func check(_ name: String) throws {
        if state.withLock({ $0.failing.contains(name) }) { throw Failures.infrastructure }
    }

    func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try check(name.description)
        let failsAtTheEnd = state.withLock { $0.failingAtTheEnd.contains(name.description) }
        let result = try await base.transaction(name) { transaction in
            let result = try body(transaction)
            if failsAtTheEnd { throw Failures.infrastructure }
            return result
        }
        try await forgetEnded()
        return result
    }

    private func forgetEnded() async throws {
        for id in state.withLock({ Array($0.inFlight.keys) }) where try await base.liveWindow(id) == nil {
            state.withLock { $0.inFlight[id] = nil }
        }
    }

    // MARK: - Windows

    var windowsChanged: WakeUp { base.windowsChanged }

    func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow> {
        try check("claim")
        var batch = try await base.claim(limits, lease: lease)
        state.withLock { state in
            if state.misreadClaims > 0, !batch.claims.isEmpty {
                state.misreadClaims -= 1
                batch = ClaimBatch(claims: batch.claims.map(\.misread), nextDueIn: batch.nextDueIn)
            }
            state.claims += 1
            for claim in batch.claims { state.inFlight[claim.id] = claim }
            state.mostEvents = max(state.mostEvents, state.inFlight.values.reduce(0) { $0 + $1.events.count })
        }
        return batch
    }

    func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID> {
        if state.withLock(\.losesRenewals) { return [] }
        return try await base.renew(claims, lease: lease)
    }

    func nack(_ claims: [ClaimedWindow]) async throws {
        try check("nack")
        state.withLock { state in
            for claim in claims where state.inFlight[claim.id]?.token == claim.token { state.inFlight[claim.id] = nil }
        }
        try await base.nack(claims)
    }

    func postpone(_ postponements: [Postponement]) async throws {
        try check("postpone")
        state.withLock { state in
            state.postponements += postponements
            for one in postponements where state.inFlight[one.claim.id]?.token == one.claim.token {
                state.inFlight[one.claim.id] = nil
            }
        }
        try await base.postpone(postponements)
    }

    func flush(_ key: WindowKey) async throws -> Bool { try await base.flush(key) }

    func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        try await base.openWindows(after: cursor, limit: limit)
    }

    // MARK: - Reading

    func unassignedEvents(_ ids: [EventID]) async throws -> [Event] {
        try check("unassignedEvents")
        return try await base.unassignedEvents(ids)
    }

    func outboxConsumer(of topic: Topic) async throws -> any OutboxConsumer { try await base.outboxConsumer(of: topic) }
    func boundDues(_ limits: DueLimits) async throws -> Int { try await base.boundDues(limits) }
    func migrate() async throws { try await base.migrate() }
    func schema() async throws -> SchemaState { try await base.schema() }
    func close() async { await base.close() }
    func event(publicID: String, source: String?) async throws -> StoredEvent? {
        try await base.event(publicID: publicID, source: source)
    }
    func publicIDs(of ids: [EventID]) async throws -> [String] { try await base.publicIDs(of: ids) }
    func events(_ ids: [EventID]) async throws -> [StoredEvent] { try await base.events(ids) }
    func events(
        since: Timestamp, until: Timestamp, type: EventTypeCode?, after cursor: EventID?, limit: Int
    ) async throws -> EventPeriodPage {
        try await base.events(since: since, until: until, type: type, after: cursor, limit: limit)
    }
    func events(
        of recipient: RecipientID, after cursor: EventID?, limit: Int
    ) async throws -> RecipientEventPage {
        try await base.events(of: recipient, after: cursor, limit: limit)
    }
    func notes(of subjects: [MessageBody]) async throws -> [HistoryNote] { try await base.notes(of: subjects) }
    func notifications(_ ids: [NotificationID]) async throws -> [UserNotification] {
        try await base.notifications(ids)
    }

    func deliveryTurns(_ ids: [NotificationID]) async throws -> [DeliveryTurn] {
        try check("deliveryTurns")
        return try await base.deliveryTurns(ids)
    }
    func outlook(of event: Event) async throws -> EventOutlook {
        try await base.outlook(of: event)
    }
    func liveWindow(_ id: WindowID) async throws -> LiveWindow? { try await base.liveWindow(id) }
    func endedWindow(_ id: WindowID) async throws -> EndedWindow? { try await base.endedWindow(id) }
    func events(in id: NotificationID) async throws -> [EventID] { try await base.events(in: id) }
    func attempts(of id: NotificationID) async throws -> [DeliveryAttempt] { try await base.attempts(of: id) }
    func newestNotifications(limit: Int) async throws -> [UserNotification] {
        try await base.newestNotifications(limit: limit)
    }
    func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID] {
        try await base.newestNotificationIDs(after: bound, limit: limit)
    }
    func deadLetters(after cursor: DeadLetterID?, limit: Int) async throws -> [DeadLetter] {
        try await base.deadLetters(after: cursor, limit: limit)
    }
    func statistics() async throws -> StoreStatistics { try await base.statistics() }

    func staleEvents(
        type: EventTypeCode, before moment: Timestamp, after cursor: EventID?, limit: Int
    ) async throws -> [Event] {
        try await base.staleEvents(type: type, before: moment, after: cursor, limit: limit)
    }

    func staleNotifications(
        before moment: Timestamp, after cursor: NotificationID?, limit: Int
    ) async throws -> StaleNotifications {
        try await base.staleNotifications(before: moment, after: cursor, limit: limit)
    }

    func feed(
        recipient: RecipientID, after cursor: NotificationID?, limit: Int, unreadOnly: Bool
    ) async throws -> FeedPage {
        try await base.feed(recipient: recipient, after: cursor, limit: limit, unreadOnly: unreadOnly)
    }
}

extension ClaimedWindow {
    /// The window as it was before its last change.
    fileprivate var misread: Self {
        Self(
            id: id, token: token, revision: revision - 1, window: window, isAlone: isAlone, events: events,
            attempt: attempt, lateness: lateness)
    }
}

extension FaultyStore {
    func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription] {
        state.withLock { $0.questions.append(Set(recipients)) }
        try check("settings")
        return try await base.settings(of: recipients)
    }

    func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription {
        try await base.describe(recipient, change)
    }
}
