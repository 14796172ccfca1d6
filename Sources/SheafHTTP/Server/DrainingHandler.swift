import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Takes leave of a client once the server is ``Draining``: the next answer says that it is the connection's last, and
/// the connection is closed behind it.
///
/// A connection without a request under way stays open, since a request may be on its way to it: an answer of which the
/// client knows that it is the last is the only moment at which nothing is lost. Once nothing more is accepted it gets a
/// while, as do those connections that were accepted last.
final class DrainingHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let draining: Draining
    private let linger: TimeAmount
    /// Requests that began and have no whole answer; clients may send the next before they have the answer.
    private var unanswered = 0
    private var isReading = false
    /// An answer has told the client that it is the last.
    private var isLast = false
    /// Someone else closes the connection when the requests under way are answered.
    private var isQuiescing = false
    private var quiescing: Scheduled<Void>?

    /// - Parameter linger: how long a connection without a request stays open once nothing more is accepted.
    init(_ draining: Draining, linger: Duration) {
        self.draining = draining
        self.linger = TimeAmount(linger)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isReading = true
        case .body: break
        case .end:
            isReading = false
            closeIfDone(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where unanswered <= 1 && draining.hasBegun && head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            isLast = true
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            unanswered -= 1
            context.write(data, promise: promise)
            closeIfDone(context)
        case .head, .body: context.write(data, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        guard unanswered == 0, linger > .zero else { return quiesce(context) }
        quiescing = context.eventLoop.assumeIsolated().scheduleTask(in: linger) { self.quiesce(context) }
    }

    func handlerRemoved(context _: ChannelHandlerContext) { quiescing?.cancel() }

    private func quiesce(_ context: ChannelHandlerContext) {
        // To close once more would be not to wait for what is unsent.
        guard !isLast || unanswered > 0 else { return }
        isQuiescing = true
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        // What still comes would reset a closed connection, and the answer be lost (``UnreadRequestHandler``).
        guard isLast, unanswered == 0, !isReading, !isQuiescing else { return }
        context.flush()
        context.close(promise: nil)
    }
}
