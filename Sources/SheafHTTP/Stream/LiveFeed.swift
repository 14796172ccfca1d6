import NIOCore
import SheafCore
import SheafEngine

/// Looks at the store once a second, for all streams together and only while there are any.
///
/// Other processes compose notifications, too, so the store is asked for the newest. It is asked for more than are new,
/// and what was seen is remembered: a transaction may commit later than one whose notifications have higher ids.
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

    private let operations: Operations
    private let clock: any TimeSource
    private let limit: Int
    private var listeners: [Int: Listener] = [:]
    private var lastID = 0
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

    /// - Parameter cutOff: called where the reader is too slow.
    func join(cutOff: @escaping @Sendable () -> Void) throws(SheafError) -> Subscription {
        try checkRoom()
        let (messages, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(Self.buffer))
        lastID += 1
        listeners[lastID] = Listener(messages: continuation, cutOff: cutOff)
        if looking == nil {
            let start = clock.now
            looking = Task { await look(from: start) }
        }
        return Subscription(id: lastID, messages: messages)
    }

    func leave(_ subscription: Subscription) {
        listeners.removeValue(forKey: subscription.id)?.messages.finish()
        guard listeners.isEmpty else { return }
        looking?.cancel()
        looking = nil
    }

    private func look(from start: Timestamp) async {
        var seen: Set<NotificationID> = []
        while !Task.isCancelled {
            var messages = [await statistics()]
            if let newest = try? await operations.newestNotifications(limit: Self.notifications) {
                let new = newest.reversed().filter { $0.createdAt >= start && !seen.contains($0.id) }
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
