import NIOCore
import SheafCore
import SheafEngine

/// Looks at the store once a second, for all streams together and only while there are any.
///
/// Other processes compose notifications, too, so the store is asked which came into sight since the last look.
actor LiveFeed {
    /// One stream's part of the feed.
    struct Subscription: Sendable {
        let id: Int
        /// Says that there is something to take; ends where the reader is too slow.
        let news: AsyncStream<Void>
    }

    private struct Listener {
        var place: StreamLog.Place
        /// The looks since it took something.
        var looks = 0
        let news: AsyncStream<Void>.Continuation
        let cutOff: @Sendable () -> Void
    }

    /// The most notifications that one look tells of; where more are composed in a second, the newest are told.
    static let notifications = 2000
    /// How many messages are kept for readers that are behind: those of two looks and some more.
    static let kept = 2 * notifications + 96
    /// How many messages a reader takes at once.
    static let taken = 64
    /// How many looks may pass while a reader takes nothing, before it is cut off.
    static let looksAllowed = 60
    static let interval: Duration = .seconds(1)

    private let operations: Operations
    private let clock: any TimeSource
    private let limit: Int
    private var listeners: [Int: Listener] = [:]
    private var lastID = 0
    private var log = StreamLog(capacity: kept)
    /// What was there before the first stream is told anything.
    private var start: Task<NotificationWatch, Never>?
    private var looking: Task<Void, Never>?

    init(operations: Operations, clock: any TimeSource, limit: Int) {
        self.operations = operations
        self.clock = clock
        self.limit = limit
    }

    var count: Int { listeners.count }

    /// - Throws: ``SheafError`` `overloaded` if there are as many streams as there may be.
    func checkRoom() throws(SheafError) {
        guard listeners.count < limit else {
            throw SheafError(.overloaded, "\(limit) streams are open already")
        }
    }

    /// What is composed from when this returns is told; what was composed before can be read.
    /// - Parameter cutOff: called where the reader takes nothing for long.
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

    /// The next messages for a reader; `nil` if there are none for now.
    ///
    /// Where the reader is so far behind that some are not kept any more, the first says how many it missed.
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
            // Another task may look already.
            guard !Task.isCancelled else { return }
            log.append(statistics)
            if let found {
                watch = found.watch
                if found.leftOut > 0 { log.append(StreamMessage.gap(found.leftOut), notifications: found.leftOut) }
                for notification in found.told {
                    let document = operations.document(of: notification)
                    guard let message = try? StreamMessage.notification(notification.id, document) else { continue }
                    log.append(message, notifications: 1)
                }
            }
            announce()
            do { try await clock.sleep(for: Self.interval) } catch { return }
        }
    }

    /// What came into sight, oldest first, and how many more; `nil` if it cannot be read now, so that the next look
    /// finds it.
    private func newNotifications(
        _ watch: NotificationWatch
    ) async -> (told: [UserNotification], leftOut: Int, watch: NotificationWatch)? {
        var watch = watch
        let moment = clock.now
        do {
            let new = watch.look(try await newestIDs(after: watch.bound), at: moment)
            let told = try await operations.notifications(new.suffix(Self.notifications))
            return (told, max(0, new.count - Self.notifications), watch)
        } catch {
            return nil
        }
    }

    private func newestIDs(after bound: NotificationID) async throws -> [NotificationID] {
        try await operations.newestNotificationIDs(after: bound, limit: NotificationWatch.reach)
    }

    /// What cannot be counted now is not told; the streams stay.
    private func statistics() async -> ByteBuffer {
        do {
            return try StreamMessage.statistics(try await operations.statistics())
        } catch {
            return StreamMessage.heartbeat
        }
    }

    /// Tells the readers that there is news, and cuts off those that took nothing for long.
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
