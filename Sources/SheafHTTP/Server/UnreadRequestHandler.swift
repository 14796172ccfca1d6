import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes the connection of a client that continues to send a request which was already answered, or whose request
/// arrives while the server shuts down.
///
/// A response may be sent before the request ends: it was refused, or its body is not needed. The rest of the request
/// gets some time to arrive, since closing a connection with incoming data resets it and loses the response.
final class UnreadRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    private let timeout: TimeAmount
    /// Requests that began and were not fully answered; clients may send the next request before they have the
    /// response.
    private var unanswered = 0
    private var isReading = false
    private var closing: Scheduled<Void>?

    init(timeout: Duration) { self.timeout = TimeAmount(timeout) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isReading = true
        case .body: break
        case .end:
            isReading = false
            cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered -= 1
            if unanswered == 0 { closeUnlessRead(context) }
        }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { closeUnlessRead(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func closeUnlessRead(_ context: ChannelHandlerContext) {
        guard isReading, closing == nil else { return }
        let channel = context.channel
        closing = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    }

    func handlerRemoved(context _: ChannelHandlerContext) { cancel() }

    private func cancel() {
        closing?.cancel()
        closing = nil
    }
}
