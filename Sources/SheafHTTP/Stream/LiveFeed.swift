import NIOCore
import SheafCore
import SheafEngine

/// Looks at the store once a second, for all streams together and only while there are any.
///
/// Other processes compose notifications, too, so the store is asked for the newest. It is asked for more than are new,
/// and what was seen is remembered, from before the first stream is told anything: a transaction may commit later than
/// one whose notifications have higher ids or were composed later.
actor LiveFeed {
    /// One stream's part of the feed.
    struct Subscription: Sendable {
        let id: Int
        /// Ends where the reader is too slow.
        let messages: AsyncStream<ByteBuffer>
    }

    private struct Listener {
        let messages: AsyncStream<ByteBuffer>.Continuation
        let cutOff: @Sendable () -> Void
    }

    /// The most notifications that one look tells of; where more are composed in a second, the newest are shown.
    static let notifications = 200
    /// How many messages may wait for a reader before it is cut off.
    static let buffer = 2 * (notifications + 1)
    static let interval: Duration = .seconds(1)
    /// How long after a notification was composed its transaction may commit and it is still told. One that is older
    /// comes into sight where others are erased.
    static let lag: Duration = .seconds(30)

    private let operations: Operations
    private let clock: any TimeSource
    private let limit: Int
    private var listeners: [Int: Listener] = [:]
    private var lastID = 0
    /// The newest notifications of before; `nil` where they could not be read.
    private var known: Task<Set<NotificationID>?, Never>?
    private var looking: Task<Void, Never>?

    init(operations: Operations, clock: any TimeSource, limit: Int) {
        self.operations = operations
        self.clock = clock
        self.limit = limit
    }

    var count: Int { listeners.count }

    /// - Throws: ``SheafError`` `overloaded` where there are as many streams as there may be.
    func checkRoom() throws(SheafError) {
        guard listeners.count < limit else {
            throw SheafError(.overloaded, "\(limit) streams are open already")
        }
    }

    /// What is composed from when this returns is told; what was composed before can be read.
    /// - Parameter cutOff: called where the reader is too slow.
    func join(cutOff: @escaping @Sendable () -> Void) async throws(SheafError) -> Subscription {
        try checkRoom()
        let (messages, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(Self.buffer))
        lastID += 1
        let id = lastID
        listeners[id] = Listener(messages: continuation, cutOff: cutOff)
        let known = self.known ?? Task { await newest().map { Set($0.map(\.id)) } }
        if looking == nil {
            self.known = known
            looking = Task { await look(knowing: await known.value) }
        }
        _ = await known.value
        return Subscription(id: id, messages: messages)
    }

    func leave(_ subscription: Subscription) {
        listeners.removeValue(forKey: subscription.id)?.messages.finish()
        guard listeners.isEmpty else { return }
        looking?.cancel()
        looking = nil
        known = nil
    }

    private func look(knowing known: Set<NotificationID>?) async {
        var seen = known
        while !Task.isCancelled {
            var messages = [await statistics()]
            if let newest = await newest() {
                let horizon = clock.now - Self.lag
                let new = newest.reversed().filter { $0.createdAt >= horizon && seen?.contains($0.id) == false }
                messages += new.compactMap {
                    try? StreamMessage.notification($0.id, operations.document(of: $0))
                }
                seen = Set(newest.map(\.id))
            }
            // Another task may look already.
            guard !Task.isCancelled else { return }
            send(messages)
            do { try await clock.sleep(for: Self.interval) } catch { return }
        }
    }

    private func newest() async -> [UserNotification]? {
        try? await operations.newestNotifications(limit: Self.notifications)
    }

    /// What cannot be counted now is not told; the streams stay.
    private func statistics() async -> ByteBuffer {
        do {
            return try StreamMessage.statistics(try await operations.statistics())
        } catch {
            return StreamMessage.heartbeat
        }
    }

    private func send(_ messages: [ByteBuffer]) {
        for (id, listener) in listeners {
            for message in messages {
                guard case .dropped = listener.messages.yield(message) else { continue }
                listeners[id] = nil
                listener.messages.finish()
                listener.cutOff()
                break
            }
        }
    }
}
