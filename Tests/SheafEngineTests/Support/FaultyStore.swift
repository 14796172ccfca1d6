import SheafCore
import SheafMemory
import Synchronization

/// A store in memory of which parts fail when they are told to.
final class FaultyStore: EventStore {
    private let base: MemoryStore
    private let failing = Mutex<Set<String>>([])

    init(_ base: MemoryStore) { self.base = base }

    /// Has these transactions, by name, and the question `newEvents` fail; all others succeed.
    func fail(_ names: Set<String>) { failing.withLock { $0 = names } }

    private func check(_ name: String) throws {
        if failing.withLock({ $0.contains(name) }) { throw Failures.infrastructure }
    }

    func transaction<Result: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try check(name.description)
        return try await base.transaction(name, body)
    }

    func newEvents(_ ids: [EventID]) async throws -> [Event] {
        try check("newEvents")
        return try await base.newEvents(ids)
    }

    func outboxConsumer(of topic: Topic) async throws -> any QueueConsumer { try await base.outboxConsumer(of: topic) }
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
    ) async throws -> [StoredEvent] {
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
    func binding(_ id: NotificationID) async throws -> StoredBinding? { try await base.binding(id) }
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
