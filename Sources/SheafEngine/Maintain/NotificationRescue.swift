import SheafCore
import Synchronization

/// Finds pending notifications whose message a queue has lost, and republishes the message. The idempotency key makes
/// an extra message harmless.
final class NotificationRescue: Sendable {
    /// Notifications that one query examines.
    private static let batch = 2000

    private let store: any EventStore
    private let clock: any TimeSource
    private let limit: Int
    /// The last notification of the previous run; `nil` if it reached the end.
    private let cursor = Mutex<NotificationID?>(nil)

    /// - Parameter limit: the maximum notifications that one run examines; the next run continues from there.
    init(store: any EventStore, limit: Int, clock: any TimeSource) {
        self.store = store
        self.limit = limit
        self.clock = clock
    }

    /// Examines a part of all notifications.
    /// - Parameter moment: notifications composed or last attempted after this moment are skipped.
    /// - Returns: how many messages were republished.
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
