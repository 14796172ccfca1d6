import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a client's connection once the server is ``Draining``: the next response says that it is the connection's last,
/// and then the connection is closed.
///
/// A connection without a request in progress stays open, since a request may be on its way: only after a response that
/// announces the end is nothing lost. Once no connections are accepted any more, such connections stay open for a
/// limited time, as do those accepted last.
final class DrainingHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let draining: Draining
    private let linger: TimeAmount
    /// Requests that began and were not fully answered; clients may send the next request before they have the
    /// response.
    private var unanswered = 0
    private var isReading = false
    /// Whether a response has announced that it is the last.
    private var isLast = false
    /// Whether someone else closes the connection after the requests in progress.
    private var isQuiescing = false
    private var quiescing: Scheduled<Void>?

    /// - Parameter linger: how long a connection without a request stays open once no connections are accepted any
    ///   more.
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
        // Closing again would not wait for unsent data.
        guard !isLast || unanswered > 0 else { return }
        isQuiescing = true
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        // Incoming data would reset a closed connection and lose the response (``UnreadRequestHandler``).
        guard isLast, unanswered == 0, !isReading, !isQuiescing else { return }
        context.flush()
        context.close(promise: nil)
    }
}
