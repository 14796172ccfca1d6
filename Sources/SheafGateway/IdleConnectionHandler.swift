import NIOCore
import NIOHTTP1

/// A request went out on a connection that had been idle and was closed before any byte of an answer.
struct StaleConnection: Error {}

/// Tells requests that met a connection the server was just closing as idle from those that the server broke off.
///
/// The client only says that the connection was closed. One that was in use a moment ago was not closed for being idle,
/// and its end says something about the request.
final class IdleConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// No common server closes a connection that was idle for less.
    static let shortestKeepAlive = TimeAmount.milliseconds(1_500)

    private let staleAfter: TimeAmount
    private var lastRead: NIODeadline?
    private var isUnanswered = false

    private init(staleAfter: TimeAmount) { self.staleAfter = staleAfter }

    /// Watches a connection of HTTP/1.1, between its encryption and its parser.
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
