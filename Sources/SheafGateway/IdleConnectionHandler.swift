import NIOCore
import NIOHTTP1

/// A request was sent on an idle connection that was closed before any byte of a response.
struct StaleConnection: Error {}

/// Distinguishes requests on a connection that the server was closing as idle from requests that the server aborted.
///
/// The client only reports that the connection was closed. If the connection was in use a moment ago, it was not closed
/// as idle, and its end concerns the request.
final class IdleConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// Common servers close no connection that was idle for less than this.
    static let shortestKeepAlive = TimeAmount.milliseconds(1_500)

    private let staleAfter: TimeAmount
    private var lastRead: NIODeadline?
    private var isUnanswered = false

    private init(staleAfter: TimeAmount) { self.staleAfter = staleAfter }

    /// Adds the handler to a connection of HTTP/1.1, between its encryption and its parser.
    static func watch(_ channel: any Channel, staleAfter: TimeAmount) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let encoder = try pipeline.context(handlerType: HTTPRequestEncoder.self).handler
            try pipeline.addHandler(IdleConnectionHandler(staleAfter: staleAfter), position: .before(encoder))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let lastRead { isUnanswered = isUnanswered || context.eventLoop.now - lastRead >= staleAfter }
        lastRead = nil
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = context.eventLoop.now
        isUnanswered = false
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(isUnanswered && error is IOError ? StaleConnection() : error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isUnanswered { context.fireErrorCaught(StaleConnection()) }
        context.fireChannelInactive()
    }
}
