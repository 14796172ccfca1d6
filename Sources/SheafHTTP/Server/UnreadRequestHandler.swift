import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes the connection of a client that goes on sending a request which was answered already, or which comes while the
/// server shuts down.
///
/// An answer may come before the request's end: it was refused, or nothing of its body is asked for. What is left gets a
/// while to come, since a connection that is closed under incoming data is reset, and the answer lost.
final class UnreadRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    private let timeout: TimeAmount
    /// Requests that began and have no whole answer; clients may send the next before they have the answer.
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
