import Hummingbird
import NIOCore
import ServiceLifecycle
import SheafCore
import SheafEngine

/// Streams current activity as server-sent events.
struct StreamController: Sendable {
    /// The maximum notifications at the beginning of a stream.
    private static let recent = 200

    private let operations: Operations
    private let feed: LiveFeed

    init(operations: Operations, clock: any TimeSource, limits: APILimits) {
        self.operations = operations
        feed = LiveFeed(operations: operations, clock: clock, limit: limits.streams)
    }

    /// Responds with a stream that begins with the `recent` newest notifications and ends when the program shuts down.
    @Sendable
    func open(_ request: Request, _ context: APIContext) async throws -> Response {
        let recent = try request.number("recent") ?? 0
        guard (0...Self.recent).contains(recent) else {
            throw SheafError(.invalid, field: "recent", "expected a whole number from 0 to \(Self.recent)")
        }
        try await feed.checkRoom()
        let channel = context.channel
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // If the client reads nothing, a write waits until the connection is closed.
                try await withGracefulShutdownHandler {
                    try await stream(recent: recent, to: &writer) { channel.close(promise: nil) }
                } onGracefulShutdown: {
                    channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
                }
                try await writer.finish(nil)
            })
    }

    private func stream(
        recent: Int, to writer: inout any ResponseBodyWriter, cutOff: @escaping @Sendable () -> Void
    ) async throws {
        let subscription = try await feed.join(cutOff: cutOff)
        do {
            try await writer.write(StreamMessage.heartbeat)
            if recent > 0 {
                for notification in try await operations.newestNotifications(limit: recent).reversed() {
                    let document = operations.document(of: notification)
                    try await writer.write(StreamMessage.notification(notification.id, document))
                }
            }
            for await _ in subscription.news.cancelOnGracefulShutdown() {
                while let messages = await feed.take(subscription) { try await writer.write(messages) }
            }
        } catch {
            await feed.leave(subscription)
            throw error
        }
        await feed.leave(subscription)
    }
}
