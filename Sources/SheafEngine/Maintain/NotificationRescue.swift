import SheafCore
import Synchronization

/// Finds notifications that are pending though no message is on its way, since a queue lost it, and republishes theirs.
/// Their idempotency key makes a message too many harmless.
final class NotificationRescue: Sendable {
    /// Notifications that are looked through by a question.
    private static let batch = 2000

    private let store: any EventStore
    private let clock: any TimeSource
    private let limit: Int
    /// The last notification that the last look read; `nil` if it reached the end.
    private let cursor = Mutex<NotificationID?>(nil)

    /// - Parameter limit: notifications that a look goes through at most; the next goes on from there.
    init(store: any EventStore, limit: Int, clock: any TimeSource) {
        self.store = store
        self.limit = limit
        self.clock = clock
    }

    /// Looks through a part of all notifications.
    /// - Parameter moment: what was composed, or last tried, later than this is left alone.
    /// - Returns: how many are sent once more.
    func rescue(before moment: Timestamp) async throws -> Int {
        var (count, looked) = (0, 0)
        while looked < limit {
            let size = min(Self.batch, limit - looked)
            let page = try await store.staleNotifications(
                before: moment, after: cursor.withLock(\.self), limit: size)
            let recent = try await store.recentlyRescued(page.items.map { .notification($0.id) }, at: clock.now)
            let due = page.items.filter { !recent.contains(.notification($0.id)) }
            try await send(due)
            count += due.count
            looked += size
            cursor.withLock { $0 = page.next }
            if page.next == nil { break }
        }
        return count
    }

    private func send(_ items: [StaleNotifications.Item]) async throws {
        guard !items.isEmpty else { return }
        try await store.transaction("rescue") { transaction in
            try transaction.publish(
                items.map { QueueMessage(key: $0.recipient, body: .notification($0.id), attempt: $0.tries) })
            try transaction.note(
                items.map { HistoryNote(subject: .notification($0.id), at: transaction.now, step: .swept) })
        }
    }
}
