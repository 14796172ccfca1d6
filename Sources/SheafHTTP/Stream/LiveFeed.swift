import NIOCore
import SheafCore
import SheafEngine

/// Polls the store once a second for all streams together, and only while there are any.
///
/// Other processes compose notifications too, so each poll asks the store which ones appeared since the last poll.
actor LiveFeed {
    /// One stream's part of the feed.
    struct Subscription: Sendable {
        let id: Int
        /// Signals that there are messages to take; finishes if the reader is too slow.
        let news: AsyncStream<Void>
    }

    private struct Listener {
        var place: StreamLog.Place
        /// How many polls there were since it took something.
        var looks = 0
        let news: AsyncStream<Void>.Continuation
        let cutOff: @Sendable () -> Void
    }

    /// The maximum notifications reported by one poll; if more are composed in a second, the newest are reported.
    static let notifications = 2000
    /// How many messages are kept for slow readers: those of two polls and some more.
    static let kept = 2 * notifications + 96
    /// How many messages a reader takes at once.
    static let taken = 64
    /// How many polls may pass without a reader taking anything before it is disconnected.
    static let looksAllowed = 60
    static let interval: Duration = .seconds(1)

    private let operations: Operations
    private let clock: any TimeSource
    private let limit: Int
    private var listeners: [Int: Listener] = [:]
    private var lastID = 0
    private var log = StreamLog(capacity: kept)
    /// The first poll: it finds the existing notifications, so that streams report only later ones.
    private var start: Task<NotificationWatch, Never>?
    private var looking: Task<Void, Never>?

    init(operations: Operations, clock: any TimeSource, limit: Int) {
        self.operations = operations
        self.clock = clock
        self.limit = limit
    }

    var count: Int { listeners.count }

    /// - Throws: ``SheafError`` `overloaded` if the limit of streams is reached.
    func checkRoom() throws(SheafError) {
        guard listeners.count < limit else {
            throw SheafError(.overloaded, "\(limit) streams are open already")
        }
    }

    /// The stream reports notifications composed after this returns; earlier ones can be read from the store.
    /// - Parameter cutOff: called if the reader takes nothing for too long.
    func join(cutOff: @escaping @Sendable () -> Void) async throws(SheafError) -> Subscription {
        try checkRoom()
        let (news, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        lastID += 1
        let id = lastID
        listeners[id] = Listener(place: log.end, news: continuation, cutOff: cutOff)
        let start = self.start ?? Task { await watch() }
        if looking == nil {
            self.start = start
            looking = Task { await look(from: await start.value) }
        }
        _ = await start.value
        return Subscription(id: id, news: news)
    }

    /// The next messages for a reader; `nil` if there are none at present.
    ///
    /// If the reader is so slow that some messages are no longer kept, the first message says how many it missed.
    func take(_ subscription: Subscription) -> ByteBuffer? {
        guard var listener = listeners[subscription.id] else { return nil }
        let messages = log.read(from: &listener.place, limit: Self.taken)
        listener.looks = 0
        listeners[subscription.id] = listener
        return messages
    }

    func leave(_ subscription: Subscription) {
        listeners.removeValue(forKey: subscription.id)?.news.finish()
        guard listeners.isEmpty else { return }
        looking?.cancel()
        looking = nil
        start = nil
        log = StreamLog(capacity: Self.kept)
    }

    private func watch() async -> NotificationWatch {
        let moment = clock.now
        var watch = NotificationWatch(from: moment - NotificationWatch.lag)
        guard let ids = try? await newestIDs(after: watch.bound) else { return NotificationWatch(from: moment) }
        _ = watch.look(ids, at: moment)
        return watch
    }

    private func look(from start: NotificationWatch) async {
        var watch = start
        while !Task.isCancelled {
            let statistics = await statistics()
            let found = await newNotifications(watch)
            // Another task may already be polling.
            guard !Task.isCancelled else { return }
            log.append(statistics)
            if let found {
                watch = found.watch
                if found.leftOut > 0 { log.append(StreamMessage.gap(found.leftOut), notifications: found.leftOut) }
                for notification in found.notifications {
                    let document = operations.document(of: notification)
                    guard let message = try? StreamMessage.notification(notification.id, document) else { continue }
                    log.append(message, notifications: 1)
                }
            }
            announce()
            do { try await clock.sleep(for: Self.interval) } catch { return }
        }
    }

    /// The new notifications, oldest first, and how many more there are; `nil` if they cannot be read now, so that the
    /// next poll finds them.
    private func newNotifications(
        _ watch: NotificationWatch
    ) async -> (notifications: [UserNotification], leftOut: Int, watch: NotificationWatch)? {
        var watch = watch
        let moment = clock.now
        do {
            let new = watch.look(try await newestIDs(after: watch.bound), at: moment)
            let notifications = try await operations.notifications(new.suffix(Self.notifications))
            return (notifications, max(0, new.count - Self.notifications), watch)
        } catch {
            return nil
        }
    }

    private func newestIDs(after bound: NotificationID) async throws -> [NotificationID] {
        try await operations.newestNotificationIDs(after: bound, limit: NotificationWatch.reach)
    }

    /// Leaves out statistics that cannot be read now; the streams go on.
    private func statistics() async -> ByteBuffer {
        do {
            return try StreamMessage.statistics(try await operations.statistics())
        } catch {
            return StreamMessage.heartbeat
        }
    }

    /// Signals news to the readers, and disconnects those that took nothing for too long.
    private func announce() {
        for (id, var listener) in listeners {
            listener.looks += 1
            guard listener.looks > Self.looksAllowed else {
                listeners[id] = listener
                listener.news.yield()
                continue
            }
            listeners[id] = nil
            listener.news.finish()
            listener.cutOff()
        }
    }
}
